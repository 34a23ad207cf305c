// TLS as a hostile or broken peer would do it, with certificates made on the spot.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

#include "net/egress_receiver.hpp"
#include "net/test_certificate.hpp"

namespace tocsin::net::tests {
namespace {

// Takes one TLS connection at a time and answers one request on each with 200.
class TlsReceiver {
 public:
  // `before_handshake` gets the accepted socket.
  explicit TlsReceiver(
      const Certificate& certificate, std::function<void(int)> before_handshake = [](int) {})
      : context_(SSL_CTX_new(TLS_server_method())), before_(std::move(before_handshake)) {
    SSL_CTX_use_certificate(context_, certificate.x509);
    SSL_CTX_use_PrivateKey(context_, certificate.key);
    listen_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listen_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listen_, 16), 0);
    ::getsockname(listen_, reinterpret_cast<sockaddr*>(&address), &size);
    url_ = "https://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/hook";
    thread_ = std::thread([this] { run(); });
  }
  ~TlsReceiver() {
    ::shutdown(listen_, SHUT_RDWR);
    thread_.join();
    ::close(listen_);
    SSL_CTX_free(context_);
  }
  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] int requests() const { return requests_; }

 private:
  void run() {
    sigset_t pipe;  // OpenSSL writes with write(), and the engine hangs up on us
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    for (int fd = 0; (fd = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0; ::close(fd)) {
      before_(fd);
      SSL* const ssl = SSL_new(context_);
      SSL_set_fd(ssl, fd);
      char bytes[4096];
      if (SSL_accept(ssl) == 1 && SSL_read(ssl, bytes, sizeof bytes) > 0) {
        ++requests_;
        constexpr std::string_view kAnswer =
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        SSL_write(ssl, kAnswer.data(), static_cast<int>(kAnswer.size()));
        SSL_shutdown(ssl);
      }
      SSL_free(ssl);
    }
  }

  SSL_CTX* context_;
  std::function<void(int)> before_;
  int listen_ = -1;
  std::string url_;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

EgressOptions trusting(const Certificate& certificate) {
  auto options = loopback_options();
  options.ca_file = certificate.file;
  return options;
}

TEST(EgressTls, RefusesACertificateNobodyVouchesFor) {
  const Certificate certificate("IP:127.0.0.1", 30);
  const TlsReceiver receiver(certificate);
  const auto engine = start_engine();
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kCertificate);
  EXPECT_EQ(response.reason, "the certificate is self-signed");
  EXPECT_FALSE(response.request_sent);
  EXPECT_EQ(receiver.requests(), 0);
}

TEST(EgressTls, TrustsTheOperatorsCertificates) {
  const Certificate certificate("IP:127.0.0.1", 30);
  const TlsReceiver receiver(certificate);
  const auto engine = start_engine(trusting(certificate));
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.status, 200) << response.reason;
  EXPECT_EQ(receiver.requests(), 1);
}

TEST(EgressTls, RefusesACertificateForAnotherName) {
  const Certificate certificate("IP:127.0.0.9,DNS:example.com", 30);
  const TlsReceiver receiver(certificate);
  const auto engine = start_engine(trusting(certificate));
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kCertificate);
  EXPECT_EQ(response.reason, "the certificate is for another name");
  EXPECT_EQ(receiver.requests(), 0);
}

TEST(EgressTls, RefusesAnExpiredCertificate) {
  const Certificate certificate("IP:127.0.0.1", 0);
  const TlsReceiver receiver(certificate);
  const auto engine = start_engine(trusting(certificate));
  const auto response = exchange(*engine, post(receiver.url()));
  EXPECT_EQ(response.error, IoError::kCertificate);
  EXPECT_EQ(response.reason, "the certificate has expired");
}

TEST(EgressTls, CallsAPeerWithoutTlsAHandshakeThatFailed) {
  const Certificate certificate("IP:127.0.0.1", 30);
  const TlsReceiver plain(certificate, [](int fd) {
    constexpr std::string_view kAnswer = "HTTP/1.1 400 Bad Request\r\n\r\n";
    EXPECT_GT(::send(fd, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL), 0);
  });
  const auto engine = start_engine(trusting(certificate));
  const auto response = exchange(*engine, post(plain.url()));
  EXPECT_EQ(response.error, IoError::kTls) << response.reason;
  EXPECT_FALSE(response.request_sent);
}

TEST(EgressTls, TakesANewCertificateFileOnReconfiguring) {
  const Certificate certificate("IP:127.0.0.1", 30);
  const TlsReceiver receiver(certificate);
  const auto engine = start_engine();
  EXPECT_EQ(exchange(*engine, post(receiver.url())).error, IoError::kCertificate);
  engine->reconfigure(trusting(certificate));
  EXPECT_EQ(exchange(*engine, post(receiver.url())).status, 200);
}

TEST(EgressTls, AsksThePolicyAgainWhenTheRequestIsAboutToLeave) {
  const Certificate certificate("IP:127.0.0.1", 30);
  std::promise<void> connected;
  std::promise<void> shake_hands;
  const TlsReceiver receiver(certificate, [&](int) {
    connected.set_value();
    shake_hands.get_future().wait();
  });
  const auto engine = start_engine(trusting(certificate));
  auto answer = send(*engine, post(receiver.url()));
  connected.get_future().wait();
  engine->reconfigure(EgressOptions{});
  EXPECT_EQ(exchange(*engine, post("https://127.0.0.1/")).error, IoError::kBlocked);  // it is in force
  shake_hands.set_value();
  const auto response = answer.get();
  EXPECT_EQ(response.error, IoError::kBlocked);
  EXPECT_EQ(response.reason, "loopback");
  EXPECT_FALSE(response.request_sent);
  engine->stop();  // closes the connection, which ends the receiver's read
  EXPECT_EQ(receiver.requests(), 0);
}

TEST(EgressTls, TellsAHandshakeThatHangsFromAnAnswerThatDoes) {
  const Certificate certificate("IP:127.0.0.1", 30);
  std::promise<void> done;
  const TlsReceiver receiver(certificate, [&](int) { done.get_future().wait(); });
  const auto engine = start_engine(trusting(certificate));
  auto request = post(receiver.url());
  request.timeout_ms = 200;
  const auto response = exchange(*engine, std::move(request));
  EXPECT_EQ(response.error, IoError::kTls);
  EXPECT_FALSE(response.request_sent);
  done.set_value();
}

}  // namespace
}  // namespace tocsin::net::tests
