// One outgoing mail: what a plugin asked for, after the host swapped its password in, and what the server
// answered for each recipient. Each recipient has a transaction of its own on one connection, so that nobody
// sees the others and every answer belongs to one address. Nothing is ever sent with less protection than was
// asked for: no clear text in place of TLS, no mail without the authentication.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "net/io_error.hpp"
#include "security/address_policy.hpp"

namespace tocsin::net {

// Values and meanings of the three are those of TOCSIN_SMTP_* in sdk/include/tocsin/ext/smtp.h; plugin/
// asserts that.
enum class MailSecurity : std::uint8_t { kStartTls = 0, kImplicitTls = 1, kClear = 2 };
enum class MailAuth : std::uint8_t { kNone = 0, kPassword = 1, kXoauth2 = 2 };
enum class MailStage : std::uint8_t {
  kConnect = 0,
  kEhlo = 1,
  kTls = 2,
  kAuth = 3,
  kMail = 4,
  kRcpt = 5,
  kData = 6,
  kDot = 7,
  kDone = 8,
};

struct MailRequest {
  std::string server;      // a name in A-label form or an address, without brackets
  std::uint16_t port = 0;  // 0: the usual one, mail_port()
  MailSecurity security = MailSecurity::kStartTls;
  MailAuth auth = MailAuth::kNone;
  std::string user, password;  // kXoauth2: the password is the bearer token
  std::string ehlo;            // empty: this machine's name
  std::string envelope_from;
  std::vector<std::string> recipients;
  std::string bytes;                 // RFC 5322 with CRLF line ends
  bool verify_only = false;          // connect, authenticate, quit; no mail
  std::int64_t timeout_ms = 60'000;  // all of it; connecting at most 10 s
  std::uint64_t pool = 0;            // the channel instance: only its own connections are used again
};

// One reply of a server. Nothing in it is checked but its form.
struct SmtpReply {
  int code = 0;          // of the last line; 0: there was none
  std::string enhanced;  // "5.1.1", or empty
  std::string text;      // without the codes, lines joined by LF, at most 1 KiB
};

struct RecipientReply {
  // kDone, where it was refused, kDot without a code (it may have been taken), or kMail: not its turn.
  MailStage stage = MailStage::kMail;
  SmtpReply reply;
};

struct MailReply {
  IoError error = IoError::kNone;  // kNone: the server answered, be it with a refusal
  std::string reason;              // one phrase for people where there is an error
  // How far it came; kDone where at least one recipient's message was taken and nothing broke.
  MailStage stage = MailStage::kConnect;
  SmtpReply reply;                         // the last that mattered
  bool content_sent = false;               // a byte of some message may have left
  std::vector<RecipientReply> recipients;  // in the order of the request's
  std::string remote_address;              // "203.0.113.7:587"
  std::int64_t duration_us = 0;
};

// Of a mail that never came to a connection.
[[nodiscard]] MailReply refused_mail(const MailRequest& request, IoError error, std::string reason);

using MailDone = std::function<void(MailReply)>;  // [egress]; must not block

[[nodiscard]] std::uint16_t mail_port(const MailRequest& request);
// Ports mail servers listen on; any other is only for a literal address that the operator opened.
[[nodiscard]] bool is_mail_port(std::uint16_t port);
// The save-time check of a server that a team gives: a public name or an allowed address, and a mail port.
// kInvalid: no server name; kForbidden: one the policy refuses. The text says what to do. Does no DNS.
[[nodiscard]] Result<void> check_mail_server(std::string_view server, std::uint16_t port,
                                             const security::AddressPolicy& policy);
// No octet below 0x21, no 0x7F, '<', '>' or ',', 1 to 254 bytes: what cannot break out of its command.
[[nodiscard]] bool is_mail_address(std::string_view address);
// What of this mail cannot be sent, as a phrase for people; empty: nothing. Looks at everything but the
// server's place on the network.
[[nodiscard]] std::string mail_fault(const MailRequest& request);
// `bytes` as they follow DATA: dots doubled at the beginning of a line, ended by the line with a dot.
void end_with_dot(std::string& bytes);

}  // namespace tocsin::net
