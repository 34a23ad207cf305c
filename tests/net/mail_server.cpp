// See mail_server.hpp.
#include "net/mail_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string_view>

namespace tocsin::net::tests {

struct MailServer::Connection {
  int fd = -1;
  int number = 0;
  SSL* ssl = nullptr;
  std::string unread;
  int credentials = 0;  // lines of AUTH's dialogue that are still to come

  [[nodiscard]] bool read_more() {
    char bytes[16384];
    const auto count = ssl != nullptr ? static_cast<ssize_t>(SSL_read(ssl, bytes, sizeof bytes))
                                      : ::recv(fd, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    unread.append(bytes, static_cast<std::size_t>(count));
    return true;
  }
  // Up to and without `end`.
  [[nodiscard]] bool read_to(std::string_view end, std::string& out) {
    auto at = unread.find(end);
    while (at == std::string::npos) {
      const std::size_t from = unread.size() - std::min(unread.size(), end.size());
      if (!read_more()) return false;
      at = unread.find(end, from);
    }
    out = unread.substr(0, at);
    unread.erase(0, at + end.size());
    return true;
  }
  [[nodiscard]] bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count =
          ssl != nullptr ? static_cast<ssize_t>(SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())))
                         : ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  [[nodiscard]] bool encrypt(SSL_CTX* context) {
    ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    return SSL_accept(ssl) == 1;
  }
};

MailServer::MailServer(Tls tls, Handler handler, std::vector<std::string> offers, const char* certified)
    : tls_(tls),
      handler_(std::move(handler)),
      offers_(std::move(offers)),
      certificate_(certified, 30),
      context_(SSL_CTX_new(TLS_server_method())) {
  SSL_CTX_use_certificate(context_, certificate_.x509);
  SSL_CTX_use_PrivateKey(context_, certificate_.key);
  listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(listen_, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(listen_, 256), 0);
  ::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { run(); });
}

MailServer::~MailServer() {
  ::shutdown(listen_, SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
  for (const int fd : open_) ::close(fd);
  ::close(listen_);
  SSL_CTX_free(context_);
}

std::vector<Heard> MailServer::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

std::string MailServer::lines() const {
  std::string all;
  for (const auto& each : heard()) {
    if (each.line != "<greeting>") all += (all.empty() ? "" : "|") + each.line;
  }
  return all;
}

std::vector<std::string> MailServer::messages() const {
  std::vector<std::string> all;
  for (const auto& each : heard()) {
    if (each.line == "<message>") all.push_back(each.message);
  }
  return all;
}

void MailServer::run() {
  for (int fd = 0; (fd = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number = ++accepted_] { serve(fd, number); });
  }
}

void MailServer::serve(int fd, int number) {
  sigset_t pipe;  // OpenSSL writes with write(), and the engine hangs up on us
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  Connection connection;
  connection.fd = fd;
  connection.number = number;
  bool open = tls_ != Tls::kImplicit || connection.encrypt(context_);
  open = open && take(connection, {"<greeting>", {}});
  std::string line;
  while (open && connection.read_to("\r\n", line)) open = take(connection, {line, {}});
  ::shutdown(fd, SHUT_RDWR);  // the number is kept until the end
  SSL_free(connection.ssl);
}

Say MailServer::usual(const Connection& connection, const Heard& heard) const {
  const std::string& line = heard.line;
  if (heard.credentials) return {connection.credentials > 0 ? "334 UGFzc3dvcmQ6\r\n" : "235 2.7.0 ok\r\n"};
  if (line == "<greeting>") return {"220 mx.test ESMTP\r\n"};
  if (line == "<message>") return {"250 2.0.0 queued as 123\r\n"};
  if (line.starts_with("EHLO")) {
    std::string all = "250-mx.test\r\n";
    const bool inside = heard.encrypted || tls_ == Tls::kNone;
    if (!inside) all += "250-STARTTLS\r\n";
    for (const auto& offer : offers_) {
      if (inside) all += "250-" + offer + "\r\n";
    }
    return {all + "250 HELP\r\n"};
  }
  if (line.starts_with("AUTH")) return {"334 \r\n"};
  if (line == "STARTTLS") return {"220 2.0.0 go ahead\r\n"};
  if (line == "DATA") return {"354 go ahead\r\n"};
  if (line == "QUIT") return {"221 2.0.0 bye\r\n", true};
  return {"250 2.1.0 ok\r\n"};
}

// Answers one line, and what it leads to. False: hang up.
bool MailServer::take(Connection& connection, Heard heard) {
  heard.connection = connection.number;
  heard.encrypted = connection.ssl != nullptr;
  heard.credentials = connection.credentials > 0;
  if (heard.credentials) --connection.credentials;
  const std::string line = heard.line;
  {
    const std::lock_guard lock(mutex_);
    heard_.push_back(heard);
  }
  Say say = handler_(heard);
  if (say.bytes.empty() && !say.close) say = usual(connection, heard);
  if (say.bytes != kSilence && !connection.write(say.bytes)) return false;
  if (say.close) return false;
  if (line.starts_with("AUTH") && say.bytes.starts_with("334")) {
    connection.credentials = line.starts_with("AUTH LOGIN") ? 2 : 1;
  }
  if (line == "STARTTLS" && say.bytes.starts_with("220")) return connection.encrypt(context_);
  if (line == "DATA" && say.bytes.starts_with("354")) {
    Heard message{"<message>", {}};
    return connection.read_to("\r\n.\r\n", message.message) && take(connection, std::move(message));
  }
  return true;
}

}  // namespace tocsin::net::tests
