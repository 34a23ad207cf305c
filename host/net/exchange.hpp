// One outgoing HTTP exchange: what a plugin asked for, after the host swapped its secrets in, and what came
// of it. Mail (mail.hpp) goes out by the same engine. The engine (one libcurl multi loop, [egress]) enforces
// the egress policy on the real socket address, on reuse too; never follows a redirect, never reads a proxy
// from the environment, caps what it reads, and reduces every transport error to a fixed category, since
// libcurl's texts may hold the URL.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "net/http_server.hpp"
#include "net/io_error.hpp"
#include "net/mail.hpp"
#include "security/address_policy.hpp"

namespace tocsin::net {

struct ExchangeRequest {
  std::string method = "POST";
  std::string url;
  std::vector<Header> headers;  // checked: token names, no control characters in values
  std::string body;
  std::int64_t timeout_ms = 15'000;  // whole exchange; connect at most 5 s of it
  std::uint64_t pool = 0;            // the channel instance: bounds its connections (8), keeps them apart
};

struct ExchangeResponse {
  IoError error = IoError::kNone;
  std::string reason;           // one phrase for people, never a URL: "connection refused", "private network"
  bool request_sent = false;    // some byte of the request left: a retry may duplicate
  int status = 0;               // judged even where the body was cut
  std::vector<Header> headers;  // names lower-cased
  std::string body;             // at most 20,000 bytes are kept; reading stops at 64 KiB
  bool body_truncated = false;
  std::string remote_address;  // "203.0.113.7:443"
  std::int64_t duration_us = 0;
};

using ExchangeDone = std::function<void(ExchangeResponse)>;  // [egress]; must not block

struct EgressOptions {
  security::AddressPolicy policy;
  std::string ca_file;                // PEM; empty: the system's
  std::size_t max_connections = 512;  // all together
  std::size_t max_connections_per_pool = 8;
  std::string user_agent = "tocsin";
  bool mail_without_tls = false;  // MailSecurity::kClear may be asked for
};

class ExchangeEngine {
 public:
  static Result<std::unique_ptr<ExchangeEngine>> open(EgressOptions options);
  ~ExchangeEngine();
  void start();
  // [any] `done` is called exactly once, also after stop() (kCancelled).
  void submit(ExchangeRequest request, ExchangeDone done);
  void submit_mail(MailRequest request, MailDone done);
  // [any] Runs `hook` on the egress thread after each batch of answers was given (one wake-up a batch).
  // Before start().
  void on_batch_done(std::function<void()> hook);
  // Takes a new policy or CA without losing what is in flight; idle connections the policy refuses are
  // dropped. [any]
  void reconfigure(EgressOptions options);
  // Cancels what is in flight and ends the thread.
  void stop();

 private:
  class Impl;
  explicit ExchangeEngine(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The save-time check of a URL a team gives: https (http only to an opened literal address), no userinfo,
// fragment, zone, odd literal, single-label or reserved name, odd port …; the reason says what to do. Does no
// DNS.
[[nodiscard]] Result<void> check_egress_url(std::string_view url, const security::AddressPolicy& policy);
// RFC 9110 Retry-After: seconds or any HTTP-date form, strictly; the largest valid of several; -1 where none
// is valid. In ms from now; not clamped.
[[nodiscard]] std::int64_t parse_retry_after_ms(const std::vector<Header>& headers, std::int64_t now_unix_ms);
// The rules for header fields a team or plugin gives (docs/plugin_contract.md): empty text: fine; else what
// is wrong.
[[nodiscard]] std::string header_refusal(std::string_view name, std::string_view value);

}  // namespace tocsin::net
