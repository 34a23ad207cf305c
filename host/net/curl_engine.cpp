// The egress thread: requests come in batches through a mailbox, answers go out from here. libcurl runs by
// its socket interface over SocketWatch, so an exchange costs nothing to the others in flight. A new policy
// or CA gets a new multi handle, whose connections were all made under it; the old one lives until its last
// exchange ends.
#include <curl/curl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "net/curl_transfer.hpp"
#include "net/exchange.hpp"
#include "net/exchange_queue.hpp"
#include "ops/mailbox.hpp"

namespace tocsin::net {
namespace {

std::int64_t steady_us() {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

ExchangeResponse refused(IoError error, const char* reason) {
  ExchangeResponse response;
  response.error = error;
  response.reason = reason;
  return response;
}

}  // namespace

class ExchangeEngine::Impl {
 public:
  explicit Impl(EgressOptions options) { context_.options = std::move(options); }
  ~Impl() { stop(); }

  Result<void> open();
  void start();
  void submit(ExchangeRequest request, ExchangeDone done);
  void set_hook(std::function<void()> hook) { hook_ = std::move(hook); }
  void reconfigure(EgressOptions options);
  void stop();

 private:
  // One set of connections.
  struct Connections {
    CURLM* multi = nullptr;
    SocketWatch* watch = nullptr;
    std::size_t in_flight = 0;
    ~Connections() { curl_multi_cleanup(multi); }
  };

  [[nodiscard]] std::unique_ptr<Connections> make_connections();
  static int watch_socket(CURL*, curl_socket_t fd, int what, void* user, void*);
  void run();
  void serve(std::span<const SocketWatch::Ready> ready);
  [[nodiscard]] int wait_ms();
  void take_changes();
  void take_submissions();
  void expire_waiting();
  void start_waiting();
  void begin(PendingExchange pending);
  void run_timers();
  [[nodiscard]] bool collect();
  void release(Transfer* transfer, ExchangeResponse response);
  void answer(const ExchangeDone& done, ExchangeResponse response);
  void cancel_all();
  void cancel_submitted();

  EgressContext context_;
  ExchangeQueue queue_;
  ops::Mailbox<PendingExchange> submissions_;
  ops::Mailbox<EgressOptions> changes_;
  std::vector<PendingExchange> taken_;
  std::vector<std::unique_ptr<Connections>> connections_;  // the last is for new exchanges
  std::vector<std::unique_ptr<Transfer>> active_;
  std::vector<std::unique_ptr<Transfer>> idle_;
  std::function<void()> hook_;
  bool answered_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

Result<void> ExchangeEngine::Impl::open() {
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return make_error(Errc::kInternal, "libcurl cannot be initialised");
  }
  const std::string& ca_file = context_.options.ca_file;
  if (!ca_file.empty() && ::access(ca_file.c_str(), R_OK) != 0) {
    return make_error(Errc::kIo,
                      "egress.ca_file: \"" + ca_file + "\" cannot be read; give a PEM file or remove it");
  }
  if (auto opened = context_.watch.open(); !opened) {
    return opened;
  }
  queue_.set_limits(context_.options.max_connections, context_.options.max_connections_per_pool);
  connections_.push_back(make_connections());
  return {};
}

std::unique_ptr<ExchangeEngine::Impl::Connections> ExchangeEngine::Impl::make_connections() {
  auto made = std::make_unique<Connections>();
  made->multi = curl_multi_init();
  made->watch = &context_.watch;
  TOCSIN_EXPECT(made->multi != nullptr);
  const auto most = static_cast<long>(context_.options.max_connections);
  curl_multi_setopt(made->multi, CURLMOPT_SOCKETFUNCTION, &Impl::watch_socket);
  curl_multi_setopt(made->multi, CURLMOPT_SOCKETDATA, made.get());
  curl_multi_setopt(made->multi, CURLMOPT_MAXCONNECTS, most);
  curl_multi_setopt(made->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(made->multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  return made;
}

int ExchangeEngine::Impl::watch_socket(CURL*, curl_socket_t fd, int what, void* user, void*) {
  auto* const owner = static_cast<Connections*>(user);
  owner->watch->want(fd, what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                     what == CURL_POLL_OUT || what == CURL_POLL_INOUT, owner);
  return 0;
}

void ExchangeEngine::Impl::start() {
  thread_ = std::thread([this] {
    sigset_t all;  // signals are for the main thread; SIGPIPE is nobody's
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    pthread_setname_np(pthread_self(), "egress");
    run();
  });
}

void ExchangeEngine::Impl::submit(ExchangeRequest request, ExchangeDone done) {
  const std::int64_t now = steady_us();
  const std::int64_t deadline = now + std::max<std::int64_t>(1, request.timeout_ms) * 1000;
  if (submissions_.push(PendingExchange{std::move(request), std::move(done), now, deadline})) {
    context_.watch.wake();
  }
  if (stopped_) {
    cancel_submitted();
  }
}

void ExchangeEngine::Impl::reconfigure(EgressOptions options) {
  if (changes_.push(std::move(options))) {
    context_.watch.wake();
  }
}

void ExchangeEngine::Impl::stop() {
  stopping_ = true;
  if (thread_.joinable()) {
    context_.watch.wake();
    thread_.join();
  }
  stopped_ = true;
  cancel_submitted();
}

void ExchangeEngine::Impl::run() {
  while (!stopping_) {
    serve(context_.watch.wait(wait_ms()));
    if (answered_ && hook_) {
      hook_();
    }
    answered_ = false;
  }
  cancel_all();
}

int ExchangeEngine::Impl::wait_ms() {
  std::int64_t shortest = -1;
  const auto consider = [&](std::int64_t ms) { shortest = shortest < 0 ? ms : std::min(shortest, ms); };
  for (const auto& connections : connections_) {
    long ms = -1;
    curl_multi_timeout(connections->multi, &ms);
    if (ms >= 0) {
      consider(ms);
    }
  }
  if (const std::int64_t deadline = queue_.next_deadline_us(); deadline >= 0) {
    consider(std::max<std::int64_t>(0, (deadline - steady_us() + 999) / 1000));
  }
  return static_cast<int>(std::min<std::int64_t>(shortest, 60'000));
}

void ExchangeEngine::Impl::serve(std::span<const SocketWatch::Ready> ready) {
  int running = 0;
  for (const auto& socket : ready) {
    const int events = (socket.readable ? CURL_CSELECT_IN : 0) | (socket.writable ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(static_cast<Connections*>(socket.owner)->multi, socket.fd, events, &running);
  }
  // The new policy first: what was submitted before it came is sent under it.
  take_changes();
  take_submissions();
  do {
    start_waiting();
    run_timers();
  } while (collect());
  expire_waiting();
  if (connections_.size() > 1) {
    const auto* const current = connections_.back().get();
    std::erase_if(connections_,
                  [&](const auto& each) { return each.get() != current && each->in_flight == 0; });
  }
}

void ExchangeEngine::Impl::take_changes() {
  if (changes_.empty()) {
    return;
  }
  std::vector<EgressOptions> changes;
  changes_.take_all(changes);
  context_.options = std::move(changes.back());
  ++context_.generation;
  queue_.set_limits(context_.options.max_connections, context_.options.max_connections_per_pool);
  connections_.push_back(make_connections());
}

void ExchangeEngine::Impl::take_submissions() {
  submissions_.take_all(taken_);
  for (PendingExchange& pending : taken_) {
    if (auto started = queue_.start_or_wait(std::move(pending))) {
      begin(std::move(*started));
    }
  }
}

void ExchangeEngine::Impl::start_waiting() {
  while (auto pending = queue_.next()) {
    begin(std::move(*pending));
  }
}

void ExchangeEngine::Impl::expire_waiting() {
  while (auto late = queue_.expire(steady_us())) {
    answer(late->done,
           refused(IoError::kTimeout, "the time passed waiting for a free connection to the endpoint"));
  }
}

void ExchangeEngine::Impl::begin(PendingExchange pending) {
  if (idle_.empty()) {
    idle_.push_back(std::make_unique<Transfer>(context_));
  }
  std::unique_ptr<Transfer> transfer = std::move(idle_.back());
  idle_.pop_back();
  Connections& connections = *connections_.back();
  transfer->index = active_.size();
  transfer->multi = &connections;
  ++connections.in_flight;
  Transfer* const started = transfer.get();
  active_.push_back(std::move(transfer));
  if (!started->prepare(std::move(pending), steady_us())) {
    release(started, started->finish_unsent());
  } else if (curl_multi_add_handle(connections.multi, started->easy()) != CURLM_OK) {
    release(started, refused(IoError::kLocal, "not enough memory"));
  }
}

void ExchangeEngine::Impl::run_timers() {
  int running = 0;
  for (const auto& connections : connections_) {
    long ms = -1;
    curl_multi_timeout(connections->multi, &ms);
    if (ms == 0) {
      curl_multi_socket_action(connections->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
  }
}

// True where an exchange ended, so that another may start.
bool ExchangeEngine::Impl::collect() {
  bool any = false;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    CURLM* const multi = connections_[i]->multi;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      CURL* const easy = message->easy_handle;
      const CURLcode code = message->data.result;
      char* user = nullptr;
      curl_easy_getinfo(easy, CURLINFO_PRIVATE, &user);
      auto* const transfer = reinterpret_cast<Transfer*>(user);
      ExchangeResponse response = transfer->finish(code, steady_us());
      curl_multi_remove_handle(multi, easy);
      release(transfer, std::move(response));
      any = true;
    }
  }
  return any;
}

void ExchangeEngine::Impl::release(Transfer* transfer, ExchangeResponse response) {
  constexpr std::size_t kMostIdle = 128;
  const ExchangeDone done = transfer->take_done();
  --static_cast<Connections*>(transfer->multi)->in_flight;
  queue_.finish(transfer->pool());
  transfer->forget();
  std::unique_ptr<Transfer>& place = active_[transfer->index];
  std::unique_ptr<Transfer> freed = std::move(place);
  if (freed->index + 1 != active_.size()) {
    place = std::move(active_.back());
    place->index = freed->index;
  }
  active_.pop_back();
  if (idle_.size() < kMostIdle) {
    idle_.push_back(std::move(freed));
  }
  answer(done, std::move(response));
}

void ExchangeEngine::Impl::answer(const ExchangeDone& done, ExchangeResponse response) {
  answered_ = true;
  done(std::move(response));
}

void ExchangeEngine::Impl::cancel_all() {
  while (!active_.empty()) {
    Transfer* const transfer = active_.back().get();
    ExchangeResponse response = transfer->cancel(steady_us());
    curl_multi_remove_handle(static_cast<Connections*>(transfer->multi)->multi, transfer->easy());
    release(transfer, std::move(response));
  }
  for (PendingExchange& pending : queue_.take_waiting()) {
    answer(pending.done, refused(IoError::kCancelled, "the host stops"));
  }
  if (answered_ && hook_) {
    hook_();
  }
  connections_.clear();
  idle_.clear();
}

void ExchangeEngine::Impl::cancel_submitted() {
  std::vector<PendingExchange> late;
  submissions_.take_all(late);
  for (PendingExchange& pending : late) {
    pending.done(refused(IoError::kCancelled, "the host stops"));
  }
}

ExchangeEngine::ExchangeEngine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExchangeEngine::~ExchangeEngine() = default;

Result<std::unique_ptr<ExchangeEngine>> ExchangeEngine::open(EgressOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (auto opened = impl->open(); !opened) {
    return opened.error();
  }
  return std::unique_ptr<ExchangeEngine>(new ExchangeEngine(std::move(impl)));
}

void ExchangeEngine::start() {
  impl_->start();
}
void ExchangeEngine::submit(ExchangeRequest request, ExchangeDone done) {
  impl_->submit(std::move(request), std::move(done));
}
void ExchangeEngine::on_batch_done(std::function<void()> hook) {
  impl_->set_hook(std::move(hook));
}
void ExchangeEngine::reconfigure(EgressOptions options) {
  impl_->reconfigure(std::move(options));
}
void ExchangeEngine::stop() {
  impl_->stop();
}

}  // namespace tocsin::net
