// A mail server on loopback for tests: raw sockets, a thread a connection, and an answer to each line that a
// test may change: a refusal, any bytes at all, silence, or hanging up. It keeps all it heard.
#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/test_certificate.hpp"

namespace tocsin::net::tests {

// A line of the client, or what stands for one: "<greeting>" before the first, "<message>" with the message
// (dots and all) after the line with the dot.
struct Heard {
  std::string line;
  std::string message;
  int connection = 0;  // 1 for the first
  bool encrypted = false;
  bool credentials = false;  // a line of AUTH's dialogue
};

struct Say {
  std::string bytes;
  bool close = false;  // after the bytes
};

class MailServer {
 public:
  enum class Tls { kNone, kStartTls, kImplicit };
  // Empty bytes and no close: the usual answer.
  using Handler = std::function<Say(const Heard&)>;
  explicit MailServer(
      Tls tls = Tls::kNone, Handler handler = [](const Heard&) { return Say{}; },
      std::vector<std::string> offers = {"SIZE 30000000", "AUTH PLAIN LOGIN"},
      const char* certified = "IP:127.0.0.1");
  ~MailServer();
  MailServer(const MailServer&) = delete;
  MailServer& operator=(const MailServer&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const Certificate& certificate() const { return certificate_; }
  [[nodiscard]] std::vector<Heard> heard() const;
  // The lines of all connections in order, joined by '|'; credentials and messages as they came.
  [[nodiscard]] std::string lines() const;
  [[nodiscard]] std::vector<std::string> messages() const;
  [[nodiscard]] int connections() const { return accepted_; }
  static constexpr const char* kSilence = "<silence>";  // as bytes: says nothing

 private:
  struct Connection;
  void run();
  void serve(int fd, int number);
  [[nodiscard]] Say usual(const Connection& connection, const Heard& heard) const;
  [[nodiscard]] bool take(Connection& connection, Heard heard);

  Tls tls_;
  Handler handler_;
  std::vector<std::string> offers_;
  Certificate certificate_;
  SSL_CTX* context_;
  int listen_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  mutable std::mutex mutex_;  // of the two below
  std::vector<Heard> heard_;
  std::vector<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace tocsin::net::tests
