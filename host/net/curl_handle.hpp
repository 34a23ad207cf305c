// What an HTTP exchange and a mail share: one libcurl easy handle that never connects to an address which the
// policy refuses, asks no proxy, checks certificates, and tells how it ended in our words. Curl's types stay
// out of this header. [egress]
#pragma once

#include <cstdint>
#include <string>

#include "net/exchange.hpp"
#include "net/socket_watch.hpp"

namespace tocsin::net {

// What all transfers of an engine share.
struct EgressContext {
  EgressOptions options;
  std::uint64_t generation = 1;  // of the options
  SocketWatch watch;
};

// What is known when libcurl says that a transfer ended.
struct TransferEnd {
  int code = 0;                   // CURLcode
  const char* refusal = nullptr;  // why the policy refused an address
  bool connected = false;         // a request was about to be sent
  bool request_sent = false;
  bool cut = false;       // we stopped reading a long body
  bool flooded = false;   // we stopped reading endless headers
  bool repeated = false;  // libcurl would have sent the request again
  bool no_socket = false;
  bool resolved = false;
  bool handshake = false;  // TCP stood, TLS did not
  long os_error = 0;
  long verify_result = 0;  // X509_V_*
};
struct Failure {
  IoError error = IoError::kNone;
  const char* reason = "";
};
// The category and the phrase; nothing of libcurl's own text, which may hold the URL.
[[nodiscard]] Failure judge_end(const TransferEnd& end);

class CurlHandle {
 public:
  explicit CurlHandle(EgressContext& context);
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;
  virtual ~CurlHandle();

  [[nodiscard]] void* easy() const { return easy_; }

 protected:
  // nullptr: a socket to this address may be used now; else why not.
  [[nodiscard]] virtual const char* refusal(const security::Address& address, std::uint16_t port) const = 0;
  // True where the options were new to this handle: the shared ones are set, the caller sets its own.
  [[nodiscard]] bool renew();
  [[nodiscard]] bool current() const { return generation_ == context_.generation; }
  // Completes end_ with what libcurl knows.
  void note_end(int code);
  static std::string name_peer(const security::Address& address, int port);

  EgressContext& context_;
  void* easy_ = nullptr;
  TransferEnd end_;

 private:
  struct Callbacks;
  std::uint64_t generation_ = 0;  // of the options in easy_; 0: none
};

}  // namespace tocsin::net
