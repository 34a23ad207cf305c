// See peers.hpp. Parses just enough HTTP for peers that are known: a head, a Content-Length, a body.
#include "peers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>

#include "daemon.hpp"

namespace tocsin::bench {
namespace {

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// The size of the first whole HTTP message in `text`, 0 where it is not whole yet.
std::size_t message_size(const std::string& text) {
  const auto head = text.find("\r\n\r\n");
  if (head == std::string::npos) return 0;
  std::size_t length = 0;
  for (const char* name : {"Content-Length: ", "content-length: "}) {
    const auto at = text.find(name);
    if (at < head) length = static_cast<std::size_t>(std::atoll(text.c_str() + at + 16));
  }
  return text.size() >= head + 4 + length ? head + 4 + length : 0;
}

// An event of about 518 bytes that exactly one rule takes.
std::string event_json() {
  return R"({"team":"demo","type":"finding.created","severity":"high","source":"source7","title":"Publicly readable storage bucket",)"
         R"("summary":"The bucket customer-exports allows anonymous reads. It was created 14 minutes ago by a pipeline )"
         R"(and holds objects tagged as personal data; the policy forbids this.","link":"https://platform.example/f/8731",)"
         R"("labels":{"env":"prod","account":"4711","region":"eu-central-1"},"data":{"finding_id":"f-8731","score":8.8,)"
         R"("resource":"arn:aws:s3:::customer-exports","owner":"data-platform","first_seen":"2026-11-23T08:00:00Z"}})";
}

std::string request_bytes(int events) {
  std::string body = event_json();
  if (events > 1) {
    std::string list = "[";
    for (int i = 0; i < events; ++i) list += (i == 0 ? "" : ",") + body;
    body = list + "]";
  }
  return std::string("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ") + kToken +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

struct Connection {
  int fd = -1;
  std::string in;
  std::size_t sent = 0;
  double started_ms = 0;
  bool busy = false;
};

class Load {
 public:
  explicit Load(const LoadOptions& options) : options_(options), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    bytes_ = request_bytes(options.events_per_request);
    for (int i = 0; i < options.connections; ++i) {
      auto& connection = connections_.emplace_back();
      connection.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const auto address = loopback(options.port);
      if (::connect(connection.fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        std::perror("bench: connect");
        std::exit(1);
      }
      const int on = 1;
      ::setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::fcntl(connection.fd, F_SETFL, O_NONBLOCK);
      epoll_event event{};
      event.events = EPOLLIN;
      event.data.ptr = &connection;
      ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
    }
  }

  ~Load() {
    for (auto& connection : connections_) ::close(connection.fd);
    ::close(epoll_);
  }

  LoadResult run() {
    requests_ = options_.events / options_.events_per_request;
    result_.latencies_ms.reserve(static_cast<std::size_t>(requests_));
    const double from = now_ms();
    start_ms_ = from;
    for (auto& connection : connections_) idle_.push_back(&connection);
    send_due();
    std::vector<epoll_event> events(512);
    while (done_ < requests_) {
      const int n = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
      for (int i = 0; i < n; ++i)
        read(*static_cast<Connection*>(events[static_cast<std::size_t>(i)].data.ptr));
      send_due();
    }
    result_.seconds = (now_ms() - from) / 1000;
    return std::move(result_);
  }

 private:
  [[nodiscard]] double due_ms(std::int64_t request) const {
    return start_ms_ + static_cast<double>(request) * 1000 / options_.requests_per_second;
  }
  [[nodiscard]] int wait_ms() const { return options_.requests_per_second > 0 ? 1 : -1; }

  void send_due() {
    while (next_ < requests_ && !idle_.empty()) {
      if (options_.requests_per_second > 0 && due_ms(next_) > now_ms()) return;
      Connection& connection = *idle_.front();
      idle_.pop_front();
      connection.started_ms = options_.requests_per_second > 0 ? due_ms(next_) : now_ms();
      ++next_;
      std::size_t at = 0;
      while (at < bytes_.size()) {
        const ssize_t n = ::write(connection.fd, bytes_.data() + at, bytes_.size() - at);
        if (n > 0) at += static_cast<std::size_t>(n);
      }
    }
  }

  void read(Connection& connection) {
    char buffer[65536];
    const ssize_t n = ::read(connection.fd, buffer, sizeof buffer);
    if (n <= 0) {
      std::fprintf(stderr, "bench: the daemon closed a connection\n");
      std::exit(1);
    }
    connection.in.append(buffer, static_cast<std::size_t>(n));
    while (const std::size_t size = message_size(connection.in)) {
      const bool accepted = std::strncmp(connection.in.c_str() + 9, "202", 3) == 0;
      (accepted ? result_.accepted : result_.refused) += options_.events_per_request;
      if (!accepted && result_.refused <= options_.events_per_request) {
        std::fprintf(stderr, "bench: %.300s\n", connection.in.c_str());
      }
      result_.latencies_ms.push_back(now_ms() - connection.started_ms);
      connection.in.erase(0, size);
      ++done_;
      idle_.push_back(&connection);
    }
  }

  LoadOptions options_;
  int epoll_;
  std::string bytes_;
  std::deque<Connection> connections_;
  std::deque<Connection*> idle_;
  std::int64_t requests_ = 0, next_ = 0, done_ = 0;
  double start_ms_ = 0;
  LoadResult result_;
};

}  // namespace

LoadResult push_events(const LoadOptions& options) {
  return Load(options).run();
}

CountingReceiver::CountingReceiver() {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 512) != 0) {
    std::perror("bench: receiver");
    std::exit(1);
  }
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

CountingReceiver::~CountingReceiver() {
  stop_ = true;
  thread_.join();
  ::close(listener_);
}

void CountingReceiver::serve() {
  static const std::string kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener_;
  ::epoll_ctl(epoll, EPOLL_CTL_ADD, listener_, &event);
  std::map<int, std::string> inputs;
  std::vector<epoll_event> events(512);
  char buffer[65536];
  while (!stop_) {
    const int n = ::epoll_wait(epoll, events.data(), static_cast<int>(events.size()), 50);
    for (int i = 0; i < n; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_) {
        const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (peer < 0) continue;
        const int on = 1;
        ::setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        event.data.fd = peer;
        ::epoll_ctl(epoll, EPOLL_CTL_ADD, peer, &event);
        continue;
      }
      const ssize_t got = ::read(fd, buffer, sizeof buffer);
      if (got <= 0) {
        inputs.erase(fd);
        ::close(fd);
        continue;
      }
      std::string& in = inputs[fd];
      in.append(buffer, static_cast<std::size_t>(got));
      while (const std::size_t size = message_size(in)) {
        in.erase(0, size);
        count_.fetch_add(1, std::memory_order_relaxed);
        (void)!::write(fd, kAnswer.data(), kAnswer.size());
      }
    }
  }
  for (const auto& [fd, in] : inputs) ::close(fd);
  ::close(epoll);
}

}  // namespace tocsin::bench
