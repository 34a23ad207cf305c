// What one outgoing exchange costs the egress thread: signed-webhook-sized posts of 500 B to a keep-alive
// receiver, at several numbers of channels. The receiver is a bare epoll loop in this process; only the
// egress thread's CPU is counted. Prints a JSON line a cell.
//
//   egress_bench [exchanges]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "net/exchange.hpp"

namespace {

using namespace tocsin;

constexpr int kWindow = 8;  // in flight for each channel, as the host has it
constexpr std::string_view kAnswer =
    "HTTP/1.1 200 OK\r\nServer: sink\r\nDate: Mon, 23 Nov 2026 08:00:00 GMT\r\n"
    "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

// Answers every request at once; requests are told apart by their declared length only.
class Sink {
 public:
  Sink() : listen_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), epoll_(::epoll_create1(0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listen_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listen_, 1024) != 0) {
      std::abort();
    }
    ::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    watch(listen_);
    thread_ = std::thread([this] { run(); });
  }
  ~Sink() {
    stopping_ = true;
    thread_.join();
    for (const auto& [fd, unread] : unread_) {
      ::close(fd);
    }
    ::close(listen_);
    ::close(epoll_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }

 private:
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void run() {
    while (!stopping_) {
      epoll_event events[256];
      const int count = ::epoll_wait(epoll_, events, 256, 50);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listen_) {
          accept_one();
        } else {
          serve(events[i].data.fd);
        }
      }
    }
  }
  void accept_one() {
    const int fd = ::accept4(listen_, nullptr, nullptr, SOCK_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    unread_[fd].clear();
    watch(fd);
  }
  void serve(int fd) {
    char bytes[65536];
    const auto count = ::recv(fd, bytes, sizeof bytes, 0);
    if (count <= 0) {
      unread_.erase(fd);
      ::close(fd);
      return;
    }
    std::string& unread = unread_[fd];
    unread.append(bytes, static_cast<std::size_t>(count));
    const auto head = unread.find("\r\n\r\n");
    const auto length = unread.find("Content-Length: ");
    if (head != unread.npos && length != unread.npos &&
        unread.size() >= head + 4 + std::strtoul(unread.c_str() + length + 16, nullptr, 10)) {
      unread.clear();
      if (::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL) < 0) {
        std::abort();
      }
    }
  }

  int listen_;
  int epoll_;
  std::uint16_t port_ = 0;
  std::unordered_map<int, std::string> unread_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

double thread_cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

net::ExchangeRequest make_request(std::uint16_t port, std::uint64_t channel) {
  static const std::string body = "{\"type\":\"finding.created\",\"data\":\"" + std::string(466, 'x') + "\"}";
  net::ExchangeRequest request;
  request.url = "http://127.0.0.1:" + std::to_string(port) + "/hooks/channel-" + std::to_string(channel);
  request.headers = {{"Content-Type", "application/json"},
                     {"webhook-id", "dlv_01JDB8Z6Q0000000000000001A"},
                     {"webhook-timestamp", "1795420800"},
                     {"webhook-signature", "v1,5Uqts73SYB6DQwMifZLaM0SAE2VE3XEtrGI3soViK34="}};
  request.body = body;
  request.pool = channel;
  return request;
}

// One cell: every channel keeps its window full until `exchanges` are done. All but main() runs on [egress].
struct Cell {
  net::ExchangeEngine& engine;
  std::uint16_t port;
  long exchanges;
  long submitted = 0;
  long answered = 0;
  long failed = 0;
  double cpu_before_us = -1;
  double cpu_us = 0;
  std::promise<void> done = {};

  void submit(std::uint64_t channel) {
    ++submitted;
    engine.submit(make_request(port, channel), [this, channel](const net::ExchangeResponse& response) {
      if (cpu_before_us < 0) {
        cpu_before_us = thread_cpu_us();
      }
      failed += response.status != 200 ? 1 : 0;
      if (++answered == exchanges) {
        cpu_us = thread_cpu_us() - cpu_before_us;
        done.set_value();
      } else if (submitted < exchanges) {
        submit(channel);
      }
    });
  }
};

void run_cell(std::uint64_t channels, long exchanges) {
  Sink sink;
  net::EgressOptions options;
  options.policy = security::AddressPolicy({security::parse_cidr("127.0.0.0/8").value()});
  const auto engine = net::ExchangeEngine::open(options).value();
  Cell cell{*engine, sink.port(), exchanges};
  for (std::uint64_t channel = 0; channel < channels; ++channel) {
    for (int i = 0; i < kWindow; ++i) {
      cell.submit(channel);
    }
  }
  const auto before = std::chrono::steady_clock::now();
  engine->start();
  cell.done.get_future().wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  engine->stop();
  std::printf(
      "{\"bench\":\"egress\",\"channels\":%llu,\"in_flight\":%llu,\"exchanges\":%ld,\"failed\":%ld,"
      "\"cpu_us_per_exchange\":%.1f,\"exchanges_per_s\":%.0f}\n",
      static_cast<unsigned long long>(channels), static_cast<unsigned long long>(channels * kWindow),
      exchanges, cell.failed, cell.cpu_us / static_cast<double>(exchanges),
      static_cast<double>(exchanges) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const long exchanges = argc > 1 ? std::atol(argv[1]) : 50'000;
  for (const std::uint64_t channels : {1, 8, 48}) {
    run_cell(channels, exchanges);
  }
}
