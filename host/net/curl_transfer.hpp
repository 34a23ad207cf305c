// One libcurl easy handle and everything that goes through it for one HTTP exchange at a time. Handles are
// reused: what never changes is set once, so that an exchange costs a handful of options. The policy is asked
// about the socket's real address when it opens and again before every request. [egress]
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/curl_handle.hpp"
#include "net/exchange_queue.hpp"

namespace tocsin::net {

class Transfer final : public CurlHandle {
 public:
  explicit Transfer(EgressContext& context);
  ~Transfer() override;

  // False: cannot be sent, and finish_unsent() says why.
  [[nodiscard]] bool prepare(PendingExchange pending, std::int64_t now_us);
  [[nodiscard]] ExchangeResponse finish(int code, std::int64_t now_us);
  [[nodiscard]] ExchangeResponse finish_unsent() { return std::move(response_); }
  [[nodiscard]] ExchangeResponse cancel(std::int64_t now_us);

  [[nodiscard]] std::uint64_t pool() const { return pending_.pool(); }
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
  [[nodiscard]] const char* refusal(const security::Address& address, std::uint16_t port) const override;
  [[nodiscard]] bool request_left() const;

  std::unique_ptr<Lines> lines_;
  PendingExchange pending_;
  ExchangeResponse response_;
  std::int64_t started_us_ = 0;
  bool plain_ = false;
  std::size_t header_bytes_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace tocsin::net
