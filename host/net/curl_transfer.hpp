// One libcurl easy handle and everything that goes through it for one exchange at a time. Handles are reused:
// what never changes is set once, so that an exchange costs a handful of options. The policy is asked about
// the socket's real address when it opens and again before every request. Curl's types stay out of this
// header. [egress]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/exchange.hpp"
#include "net/exchange_queue.hpp"
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

class Transfer {
 public:
  explicit Transfer(EgressContext& context);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();

  // False: cannot be sent, and finish_unsent() says why.
  [[nodiscard]] bool prepare(PendingExchange pending, std::int64_t now_us);
  [[nodiscard]] ExchangeResponse finish(int code, std::int64_t now_us);
  [[nodiscard]] ExchangeResponse finish_unsent() { return std::move(response_); }
  [[nodiscard]] ExchangeResponse cancel(std::int64_t now_us);

  [[nodiscard]] void* easy() const { return easy_; }
  [[nodiscard]] std::uint64_t pool() const { return pending_.request.pool; }
  [[nodiscard]] ExchangeDone take_done() { return std::move(pending_.done); }
  // Wipes what of the request may be a secret and frees the rest; idle handles are kept for long.
  void forget();

  std::size_t index = 0;  // where the engine keeps it
  void* multi = nullptr;  // the engine's: which loop it runs in

 private:
  struct Callbacks;
  struct Lines;

  [[nodiscard]] bool refuse(IoError error, std::string reason);
  [[nodiscard]] bool check_request();
  [[nodiscard]] bool write_lines();
  void apply_options();
  void apply_method();
  [[nodiscard]] const char* refusal(const security::Address& address, std::uint16_t port) const;
  [[nodiscard]] bool request_left() const;

  EgressContext& context_;
  void* easy_ = nullptr;
  std::uint64_t generation_ = 0;  // of the options in easy_; 0: none
  std::unique_ptr<Lines> lines_;
  PendingExchange pending_;
  ExchangeResponse response_;
  TransferEnd end_;
  std::int64_t started_us_ = 0;
  bool plain_ = false;
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace tocsin::net
