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

#include "net/curl_mail.hpp"
#include "net/curl_multi.hpp"
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

// [any] Nothing of it was ever sent.
void refuse(const PendingExchange& pending, IoError error, const char* reason) {
  if (pending.mail) {
    pending.mail->done(refused_mail(pending.mail->request, error, reason));
  } else {
    pending.done(refused(error, reason));
  }
}

}  // namespace

class ExchangeEngine::Impl {
 public:
  explicit Impl(EgressOptions options) { context_.options = std::move(options); }
  ~Impl() { stop(); }

  Result<void> open();
  void start();
  void submit(PendingExchange pending, std::int64_t timeout_ms);
  void set_hook(std::function<void()> hook) { hook_ = std::move(hook); }
  void reconfigure(EgressOptions options);
  void stop();

 private:
  // One set of connections.
  struct Connections {
    explicit Connections(SocketWatch& watch) : multi(watch) {}
    CurlMulti multi;
    std::size_t in_flight = 0;
  };

  [[nodiscard]] std::unique_ptr<Connections> make_connections();
  void run();
  void serve(std::span<const SocketWatch::Ready> ready);
  [[nodiscard]] int wait_ms();
  void take_changes();
  void take_submissions();
  void expire_waiting();
  void start_waiting();
  void begin(PendingExchange pending);
  void begin_http(PendingExchange pending);
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
  std::unique_ptr<MailSessions> mail_;
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
  mail_ = std::make_unique<MailSessions>(context_, [this](const PendingExchange& pending, MailReply reply) {
    queue_.finish(pending.pool());
    answered_ = true;
    pending.mail->done(std::move(reply));
  });
  return {};
}

std::unique_ptr<ExchangeEngine::Impl::Connections> ExchangeEngine::Impl::make_connections() {
  auto made = std::make_unique<Connections>(context_.watch);
  CURLM* const multi = made->multi.handle();
  const auto most = static_cast<long>(context_.options.max_connections);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, most);
  curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, static_cast<long>(CURLPIPE_NOTHING));
  return made;
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

void ExchangeEngine::Impl::submit(PendingExchange pending, std::int64_t timeout_ms) {
  pending.submitted_us = steady_us();
  pending.deadline_us = pending.submitted_us + std::max<std::int64_t>(1, timeout_ms) * 1000;
  if (submissions_.push(std::move(pending))) {
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
    if (const long ms = connections->multi.wait_ms(); ms >= 0) {
      consider(ms);
    }
  }
  const std::int64_t now = steady_us();
  if (const std::int64_t ms = mail_->wait_ms(now); ms >= 0) {
    consider(ms);
  }
  if (const std::int64_t deadline = queue_.next_deadline_us(); deadline >= 0) {
    consider(std::max<std::int64_t>(0, (deadline - now + 999) / 1000));
  }
  return static_cast<int>(std::min<std::int64_t>(shortest, 60'000));
}

void ExchangeEngine::Impl::serve(std::span<const SocketWatch::Ready> ready) {
  mail_->use_time(steady_us());
  for (const auto& socket : ready) {
    socket.owner->on_ready(socket.fd, socket.readable, socket.writable);
  }
  // The new policy first: what was submitted before it came is sent under it.
  take_changes();
  take_submissions();
  do {
    start_waiting();
    run_timers();
  } while (collect());
  mail_->run(steady_us());
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
  mail_->close_idle();
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
    answered_ = true;
    refuse(*late, IoError::kTimeout, "the time passed waiting for a free connection to the endpoint");
  }
}

void ExchangeEngine::Impl::begin(PendingExchange pending) {
  if (pending.mail) {
    mail_->begin(std::move(pending), steady_us());
  } else {
    begin_http(std::move(pending));
  }
}

void ExchangeEngine::Impl::begin_http(PendingExchange pending) {
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
  } else if (curl_multi_add_handle(connections.multi.handle(), started->easy()) != CURLM_OK) {
    release(started, refused(IoError::kLocal, "not enough memory"));
  }
}

void ExchangeEngine::Impl::run_timers() {
  for (const auto& connections : connections_) {
    connections->multi.run_timers();
  }
}

// True where an exchange ended, so that another may start.
bool ExchangeEngine::Impl::collect() {
  bool any = false;
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    CURLM* const multi = connections_[i]->multi.handle();
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
  mail_->cancel_all();
  while (!active_.empty()) {
    Transfer* const transfer = active_.back().get();
    ExchangeResponse response = transfer->cancel(steady_us());
    curl_multi_remove_handle(static_cast<Connections*>(transfer->multi)->multi.handle(), transfer->easy());
    release(transfer, std::move(response));
  }
  for (PendingExchange& pending : queue_.take_waiting()) {
    answered_ = true;
    refuse(pending, IoError::kCancelled, "the host stops");
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
    refuse(pending, IoError::kCancelled, "the host stops");
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
  PendingExchange pending;
  const std::int64_t timeout_ms = request.timeout_ms;
  pending.request = std::move(request);
  pending.done = std::move(done);
  impl_->submit(std::move(pending), timeout_ms);
}
void ExchangeEngine::submit_mail(MailRequest request, MailDone done) {
  PendingExchange pending;
  const std::int64_t timeout_ms = request.timeout_ms;
  pending.mail = std::make_unique<PendingMail>(PendingMail{std::move(request), std::move(done)});
  impl_->submit(std::move(pending), timeout_ms);
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
