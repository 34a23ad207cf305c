// A collector that speaks TLS, for tests: a certificate made on the spot, one connection, what came through
// it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <string>

namespace syslog_channel::tests {

struct Certificate {
  // Self-signed, for "IP:127.0.0.1" or "DNS:localhost"; it has ended where `days` is negative.
  explicit Certificate(const char* name, int days = 1) : key(EVP_EC_gen("P-256")), x509(X509_new()) {
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -10 * 86'400L);
    X509_gmtime_adj(X509_getm_notAfter(x509), days * 86'400L);
    X509_set_pubkey(x509, key);
    X509_NAME* const subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1,
                               -1, 0);
    X509_set_issuer_name(x509, subject);
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(x509, names, -1);
    X509_EXTENSION_free(names);
    X509_sign(x509, key, EVP_sha256());
  }
  ~Certificate() {
    X509_free(x509);
    EVP_PKEY_free(key);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  [[nodiscard]] std::string pem() const {
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, x509);
    std::string text(BIO_ctrl_pending(out), '\0');
    BIO_read(out, text.data(), static_cast<int>(text.size()));
    BIO_free(out);
    return text;
  }

  EVP_PKEY* const key;
  X509* const x509;
};

class TlsCollector {
 public:
  enum class Manner { kReadsAll, kResets, kSpeaksNoTls, kIsSilent };

  explicit TlsCollector(const Certificate& certificate, Manner manner = Manner::kReadsAll)
      : certificate_(certificate),
        manner_(manner),
        listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port = ntohs(address.sin_port);
    got_ = std::async(std::launch::async, [this] { return take(); });
  }
  ~TlsCollector() {
    if (got_.valid()) got_.wait();
    ::close(listener_);
  }
  TlsCollector(const TlsCollector&) = delete;
  TlsCollector& operator=(const TlsCollector&) = delete;

  // What came through, decrypted, once the sender has gone.
  std::string got() { return got_.get(); }
  std::uint16_t port = 0;

 private:
  std::string take() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    std::string all =
        manner_ == Manner::kSpeaksNoTls || manner_ == Manner::kIsSilent ? say(peer) : converse(peer);
    ::close(peer);
    return all;
  }

  // Nothing, or what is no TLS, until the sender gives up.
  [[nodiscard]] std::string say(int peer) const {
    if (manner_ == Manner::kSpeaksNoTls) ::send(peer, "220 who are you\r\n", 17, MSG_NOSIGNAL);
    char buffer[4096];
    while (::recv(peer, buffer, sizeof buffer, 0) > 0) {
    }
    return {};
  }

  [[nodiscard]] std::string converse(int peer) const {
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, certificate_.x509);
    SSL_CTX_use_PrivateKey(context, certificate_.key);
    SSL* const ssl = SSL_new(context);
    SSL_set_fd(ssl, peer);
    std::string all;
    char buffer[4096];
    if (SSL_accept(ssl) == 1) {
      for (int n = SSL_read(ssl, buffer, sizeof buffer); n > 0; n = SSL_read(ssl, buffer, sizeof buffer)) {
        all.append(buffer, static_cast<std::size_t>(n));
        if (manner_ != Manner::kResets) continue;
        const linger now{1, 0};
        ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        break;
      }
      if (manner_ == Manner::kReadsAll) SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    return all;
  }

  const Certificate& certificate_;
  const Manner manner_;
  const int listener_;
  std::future<std::string> got_;
};

}  // namespace syslog_channel::tests
