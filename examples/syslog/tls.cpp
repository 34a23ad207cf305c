// See tls.hpp. OpenSSL reads and writes memory, not the socket: so every wait has an end, and no write raises
// SIGPIPE.
#include "tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <stdexcept>

namespace syslog_channel {

namespace {

template <auto Free>
struct Freed {
  template <class Thing>
  void operator()(Thing* thing) const {
    Free(thing);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<&SSL_CTX_free>>;
using Ssl = std::unique_ptr<SSL, Freed<&SSL_free>>;
using Bio = std::unique_ptr<BIO, Freed<&BIO_free>>;

}  // namespace

Trust::Trust(const std::string& pem) {
  if (pem.empty()) return;
  const Bio text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  while (X509* const one = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    authorities_.emplace_back(one, &X509_free);
  }
  ERR_clear_error();  // the end of the text is one
  if (authorities_.empty()) throw std::invalid_argument("holds no certificate in PEM form");
}

class Session {
 public:
  Session(int fd, const ToSend& what, const Deadline& deadline)
      : fd_(fd), deadline_(deadline), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (what.trust.authorities_.empty()) SSL_CTX_set_default_verify_paths(context_.get());
    for (const auto& one : what.trust.authorities_) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), one.get());
    }
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    // An address is looked for among the certificate's addresses, a name among its names.
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), what.server.c_str()) != 1) {
      SSL_set1_host(ssl_.get(), what.server.c_str());
      SSL_set_tlsext_host_name(ssl_.get(), what.server.c_str());
    }
    SSL_set_connect_state(ssl_.get());
  }

  [[nodiscard]] Sent shake_hands() {
    const int error = drive(deadline_, [this] { return SSL_do_handshake(ssl_.get()); });
    if (error == SSL_ERROR_NONE) return Sent::kTaken;
    if (SSL_get_verify_result(ssl_.get()) != X509_V_OK) return Sent::kUntrusted;
    return error == SSL_ERROR_SSL ? Sent::kNoTls : Sent::kNotSent;
  }

  [[nodiscard]] Sent write(const std::string& bytes) {
    if (bytes.empty()) return Sent::kTaken;
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    const std::string records = pending();
    const std::size_t left = write_all(fd_, records, deadline_);
    if (left == records.size()) return Sent::kTaken;
    return left == 0 ? Sent::kNotSent : Sent::kUncertain;
  }

  // As without TLS: who closes in order has read to the end, who refuses what it has got says so, and silence
  // is as good.
  [[nodiscard]] Sent hear_end(const Deadline& silence) {
    SSL_shutdown(ssl_.get());
    const std::string goodbye = pending();
    // A socket tells of a reset once: where sending was told, receiving will look like an end in order.
    if (write_all(fd_, goodbye, silence) != goodbye.size()) return Sent::kUncertain;
    ::shutdown(fd_, SHUT_WR);
    char byte = 0;
    while (true) {
      const int error = drive(silence, [&] { return SSL_read(ssl_.get(), &byte, 1); });
      if (error == SSL_ERROR_NONE) continue;
      return error == SSL_ERROR_SSL || was_cut_ ? Sent::kUncertain : Sent::kTaken;
    }
  }

 private:
  [[nodiscard]] std::string pending() const {
    BIO* const out = SSL_get_wbio(ssl_.get());
    std::string bytes(BIO_ctrl_pending(out), '\0');
    if (!bytes.empty()) BIO_read(out, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }

  // Calls until it succeeds, fails, or its time is over, and carries bytes in between. The error;
  // SSL_ERROR_NONE: none.
  template <class Call>
  int drive(const Deadline& until, const Call& call) {
    std::array<char, 4096> buffer{};
    while (true) {
      ERR_clear_error();
      const int answer = call();
      const int error = SSL_get_error(ssl_.get(), answer);
      const std::string bytes = pending();
      was_cut_ = write_all(fd_, bytes, until) != bytes.size();
      if (was_cut_) return SSL_ERROR_SYSCALL;
      if (error != SSL_ERROR_WANT_READ) return error;
      if (!wait_for(fd_, POLLIN, until)) return SSL_ERROR_SYSCALL;
      const auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      was_cut_ = got < 0;
      if (got <= 0) return SSL_ERROR_SYSCALL;
      BIO_write(SSL_get_rbio(ssl_.get()), buffer.data(), static_cast<int>(got));
    }
  }

  const int fd_;
  const Deadline& deadline_;
  const Context context_;
  Ssl ssl_;
  bool was_cut_ = false;  // the connection ended by an error, not in order
};

Sent send_by_tls(int fd, const ToSend& what, const Deadline& deadline, const Deadline& silence) {
  Session session(fd, what, deadline);
  Sent sent = session.shake_hands();
  if (sent == Sent::kTaken) sent = session.write(what.bytes);
  return sent == Sent::kTaken ? session.hear_end(silence) : sent;
}

}  // namespace syslog_channel
