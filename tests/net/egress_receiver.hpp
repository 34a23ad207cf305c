// A receiver on loopback for the egress tests: raw sockets on one thread, so that a test can answer with any
// bytes at all, never answer, or hang up. It reads whole requests and keeps them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/exchange.hpp"

namespace tocsin::net::tests {

struct Received {
  std::string head;  // request line and header lines
  std::string body;
  int connection = 0;  // 1 for the first accepted
};

struct Reply {
  std::string bytes = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  bool close = false;  // after the bytes
};

class Receiver {
 public:
  using Handler = std::function<Reply(const Received&)>;
  explicit Receiver(Handler handler = [](const Received&) { return Reply{}; });
  ~Receiver();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "/hook") const;
  [[nodiscard]] std::vector<Received> received() const;
  [[nodiscard]] int connections() const;
  [[nodiscard]] int closed() const { return closed_; }  // by this side

 private:
  struct Connection {
    int number = 0;
    std::string unread;
  };
  void run();
  void accept_one();
  [[nodiscard]] bool read_some(int fd, Connection& connection);

  Handler handler_;
  int listen_ = -1;
  int stop_ = -1;
  std::uint16_t port_ = 0;
  std::map<int, Connection> open_;
  mutable std::mutex mutex_;  // of the two below
  std::vector<Received> received_;
  int accepted_ = 0;
  std::atomic<int> closed_{0};
  std::thread thread_;
};

// A loopback port that nothing listens on.
[[nodiscard]] std::uint16_t closed_port();

// Everything on 127.0.0.0/8 is opened.
[[nodiscard]] EgressOptions loopback_options();
[[nodiscard]] std::unique_ptr<ExchangeEngine> start_engine(EgressOptions options = loopback_options());
[[nodiscard]] std::future<ExchangeResponse> send(ExchangeEngine& engine, ExchangeRequest request);
// Sends and waits.
[[nodiscard]] ExchangeResponse exchange(ExchangeEngine& engine, ExchangeRequest request);
[[nodiscard]] ExchangeRequest post(std::string url, std::string body = "{}");

}  // namespace tocsin::net::tests
