// What one outgoing mail costs the egress thread: mails of 500 B to one recipient each over 8 kept
// connections of one channel, to a sink that takes everything. The sink is a bare epoll loop in this process;
// only the egress thread's CPU is counted. Prints a JSON line.
//
//   mail_bench [mails]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "net/exchange.hpp"

namespace {

using namespace tocsin;

constexpr int kWindow = 8;  // in flight for a channel, as the host has it

// Answers every line with what a mail server would say to it, and takes every message.
class Sink {
 public:
  Sink() : listen_(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), epoll_(::epoll_create1(0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(listen_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listen_, 64) != 0) {
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
    for (const auto& [fd, peer] : peers_) {
      ::close(fd);
    }
    ::close(listen_);
    ::close(epoll_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] long connections() const { return connections_; }

 private:
  struct Peer {
    std::string unread;
    bool message = false;
  };
  void watch(int fd) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void run() {
    while (!stopping_) {
      epoll_event events[64];
      const int count = ::epoll_wait(epoll_, events, 64, 50);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listen_) {
          accept_one();
        } else {
          serve(events[i].data.fd);
        }
      }
    }
  }
  static void say(int fd, std::string_view bytes) {
    if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) {
      std::abort();
    }
  }
  void accept_one() {
    const int fd = ::accept4(listen_, nullptr, nullptr, SOCK_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    peers_[fd] = {};
    ++connections_;
    watch(fd);
    say(fd, "220 sink\r\n");
  }
  void serve(int fd) {
    char bytes[65536];
    const auto count = ::recv(fd, bytes, sizeof bytes, 0);
    Peer& peer = peers_[fd];
    if (count > 0) peer.unread.append(bytes, static_cast<std::size_t>(count));
    if (count <= 0 || peer.unread.starts_with("QUIT")) {
      peers_.erase(fd);
      ::close(fd);
      return;
    }
    if (!peer.unread.ends_with(peer.message ? "\r\n.\r\n" : "\r\n")) {
      return;
    }
    const bool data = peer.unread == "DATA\r\n";
    const bool greeting = peer.unread.starts_with("EHLO");
    peer.unread.clear();
    peer.message = data;
    say(fd, data ? "354 go\r\n" : greeting ? "250-sink\r\n250 SIZE\r\n" : "250 2.0.0 ok\r\n");
  }

  int listen_;
  int epoll_;
  std::uint16_t port_ = 0;
  std::atomic<long> connections_ = 0;
  std::unordered_map<int, Peer> peers_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

double thread_cpu_us() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

net::MailRequest make_mail(std::uint16_t port) {
  static const std::string head =
      "From: alerts@example.com\r\nTo: ops@example.com\r\nSubject: Disk full\r\n"
      "Message-ID: <dlv_01JDB8Z6Q0000000000000001A@example.com>\r\n\r\n";
  static const std::string bytes = head + std::string(498 - head.size(), 'x') + "\r\n";
  net::MailRequest mail;
  mail.server = "127.0.0.1";
  mail.port = port;
  mail.security = net::MailSecurity::kClear;
  mail.ehlo = "bench";
  mail.envelope_from = "alerts@example.com";
  mail.recipients = {"ops@example.com"};
  mail.bytes = bytes;
  return mail;
}

// Keeps the window full until `mails` are answered. All but main() runs on [egress].
struct Run {
  net::ExchangeEngine& engine;
  std::uint16_t port;
  long mails;
  long submitted = 0;
  long answered = 0;
  long failed = 0;
  double cpu_before_us = -1;
  double cpu_us = 0;
  std::promise<void> done = {};

  void submit() {
    ++submitted;
    engine.submit_mail(make_mail(port), [this](const net::MailReply& reply) {
      if (cpu_before_us < 0) {
        cpu_before_us = thread_cpu_us();
      }
      failed += reply.stage != net::MailStage::kDone ? 1 : 0;
      if (++answered == mails) {
        cpu_us = thread_cpu_us() - cpu_before_us;
        done.set_value();
      } else if (submitted < mails) {
        submit();
      }
    });
  }
};

}  // namespace

int main(int argc, char** argv) {
  const long mails = argc > 1 ? std::atol(argv[1]) : 50'000;
  const Sink sink;
  net::EgressOptions options;
  options.policy = security::AddressPolicy({security::parse_cidr("127.0.0.0/8").value()});
  options.mail_without_tls = true;
  const auto engine = net::ExchangeEngine::open(options).value();
  Run run{*engine, sink.port(), mails};
  for (int i = 0; i < kWindow; ++i) {
    run.submit();
  }
  const auto before = std::chrono::steady_clock::now();
  engine->start();
  run.done.get_future().wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
  engine->stop();
  std::printf(
      "{\"bench\":\"mail\",\"in_flight\":%d,\"connections\":%ld,\"mails\":%ld,\"failed\":%ld,"
      "\"cpu_us_per_mail\":%.1f,\"mails_per_s\":%.0f}\n",
      kWindow, sink.connections(), mails, run.failed, run.cpu_us / static_cast<double>(mails),
      static_cast<double>(mails) / seconds);
}
