// What a notification costs the server for each stream that gets it: the real server and the real streams, N
// listeners of one team on loopback sockets, items published one by one and in groups as a busy store commits
// them. The clients are a bare epoll loop in this process; only the server thread's CPU is counted. Prints a
// JSON line a cell.
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "api/inbox_streams.hpp"
#include "inbox/frames.hpp"
#include "store/sqlite_store.hpp"

namespace {

using namespace tocsin;

constexpr std::size_t kUsers = 500;  // a user may have twenty streams
constexpr std::int64_t kAhead = 64;  // changes that a listener may be behind: far from being dropped
constexpr const char* kTeam = "platform";

template <class T>
T must(Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().detail.c_str());
  std::exit(1);
}

InboxChange make_change(TeamId team, InboxSeq seq) {
  InboxItem item;
  item.seq = seq;
  item.team = team;
  item.key = "dlv_01JDB8Z6Q0000000000000001A";
  item.type = "finding.created";
  item.source = "cspm";
  item.severity = Severity::kHigh;
  item.title = "Public bucket with customer data";
  item.summary = "The bucket acme-exports is readable by anyone. It holds 4 objects.";
  item.link = "https://console.example.com/findings/f-1";
  item.time_ms = item.created_ms = 1'795'420'800'000;
  InboxChange change;
  change.seq = seq;
  change.team = team;
  change.item = std::make_shared<const InboxItem>(std::move(item));
  return change;
}

// N sockets that read what comes and count the bytes.
class Clients {
 public:
  Clients(const std::string& address, std::size_t count) : poll_(::epoll_create1(0)) {
    for (std::size_t i = 0; i < count; ++i) open(address, i % kUsers);
  }
  ~Clients() {
    for (const int fd : sockets_) ::close(fd);
    ::close(poll_);
  }
  // Reads until all together have got so many bytes since the last call of reset().
  void read_until(std::uint64_t bytes) {
    epoll_event events[256];
    static char text[64 << 10];
    while (got_ < bytes) {
      const int ready = ::epoll_wait(poll_, events, 256, 10'000);
      if (ready <= 0) std::abort();
      for (int i = 0; i < ready; ++i) {
        const auto read = ::recv(events[i].data.fd, text, sizeof text, 0);
        if (read <= 0) std::abort();
        got_ += static_cast<std::uint64_t>(read);
      }
    }
  }
  void reset() { got_ = 0; }

 private:
  void open(const std::string& address, std::size_t user) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    const std::string request = "GET /" + std::to_string(user) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0 ||
        ::send(fd, request.data(), request.size(), 0) < 0) {
      std::abort();
    }
    // Live once its first frame is there: "…\n\n".
    std::string answer;
    char text[4096];
    while (!answer.ends_with("\n\n") || answer.find("retry:") == std::string::npos) {
      const auto read = ::recv(fd, text, sizeof text, 0);
      if (read <= 0) std::abort();
      answer.append(text, static_cast<std::size_t>(read));
    }
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
    sockets_.push_back(fd);
  }

  const int poll_;
  std::vector<int> sockets_;
  std::uint64_t got_ = 0;
};

// A server that serves nothing but the stream; the user's number is the path.
class Streams {
 public:
  explicit Streams(const std::string& folder) : store_(must(store::open_sqlite({.directory = folder}))) {
    const std::string name = kTeam;
    team_ = must(store_->resolve_teams(std::span(&name, 1))).front();
    std::vector<std::unique_ptr<store::Reader>> readers;
    readers.push_back(must(store_->open_reader()));
    readers_ = std::make_unique<store::ReaderPool>(std::move(readers));
    streams_ = std::make_unique<api::InboxStreams>(
        *readers_, [this](std::function<void()> work) { server_->post(std::move(work)); },
        inbox::HubOptions{});
    net::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    server_ = must(net::HttpServer::open(options, [this](net::HttpRequest request, net::Responder responder) {
      api::StreamCall call;
      call.team = team_;
      call.team_name = kTeam;
      call.user = request.path.substr(1);
      streams_->open(std::move(call), std::move(responder));
    }));
    server_->start();
  }
  ~Streams() {
    server_->stop(0);
    readers_->stop();
  }
  [[nodiscard]] std::string address() const { return server_->addresses()[0]; }
  [[nodiscard]] TeamId team() const { return team_; }
  void publish(std::vector<InboxChange> changes) { streams_->publish(std::move(changes)); }
  [[nodiscard]] double cpu_us() {
    std::promise<double> cpu;
    server_->post([&cpu] {
      timespec used{};
      ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
      cpu.set_value(static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3);
    });
    return cpu.get_future().get();
  }

 private:
  std::unique_ptr<store::Store> store_;
  TeamId team_ = 0;
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<api::InboxStreams> streams_;
  std::unique_ptr<net::HttpServer> server_;
};

void measure(Streams& streams, InboxSeq& seq, std::size_t listeners, std::int64_t group,
             std::int64_t changes) {
  Clients clients(streams.address(), listeners);
  const double cpu_before = streams.cpu_us();
  const auto begun = std::chrono::steady_clock::now();
  std::uint64_t bytes = 0, waited_for = 0;
  clients.reset();
  for (std::int64_t done = 0; done < changes; done += group) {
    std::vector<InboxChange> batch;
    for (std::int64_t i = 0; i < group; ++i) {
      batch.push_back(make_change(streams.team(), ++seq));
      bytes += inbox::change_frame(batch.back()).size() * listeners;
    }
    streams.publish(std::move(batch));
    // One by one means that each has left before the next one comes.
    if (group == 1 || done % kAhead == 0) clients.read_until(waited_for = bytes);
  }
  if (waited_for < bytes) clients.read_until(bytes);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double cpu = streams.cpu_us() - cpu_before;
  const auto messages = static_cast<double>(listeners) * static_cast<double>(changes);
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf(R"({"bench":"fanout","listeners":%zu,"group":%lld,"messages":%.0f,"messages_per_s":%.0f,)"
              R"("server_cpu_us_per_message":%.3f,"peak_mb":%ld})"
              "\n",
              listeners, static_cast<long long>(group), messages, messages / seconds, cpu / messages,
              usage.ru_maxrss / 1024);
  std::fflush(stdout);
}

void raise_descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int count, char** arguments) {
  const std::int64_t messages = count > 1 ? std::atoll(arguments[1]) : 400'000;
  raise_descriptor_limit();
  char folder[] = "/tmp/tocsin-fanout-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 1;
  {
    Streams streams(folder);
    InboxSeq seq = 0;
    for (const std::size_t listeners : {100U, 1'000U, 5'000U}) {
      for (const std::int64_t group : {1, 16}) {
        const auto changes =
            std::max<std::int64_t>(messages / static_cast<std::int64_t>(listeners), 64) / 16 * 16;
        measure(streams, seq, listeners, group, changes);
      }
    }
  }
  std::filesystem::remove_all(folder);
  return 0;
}
