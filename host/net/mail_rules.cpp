// What may be put into a mail dialogue at all, and where it may lead. Each rule is a function of its own; the
// order is that of a dialogue, so the first thing wrong is what is named.
#include <algorithm>

#include "net/egress_url.hpp"
#include "net/mail.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kLongestAddress = 254;
constexpr std::size_t kMostRecipients = 100;
constexpr std::size_t kMostBytes = 25 << 20;
constexpr std::size_t kLongestLine = 998;  // RFC 5322, without CRLF
constexpr std::size_t kLongestUser = 1024;
constexpr std::size_t kLongestPassword = 8192;  // bearer tokens are long

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

// A domain or an address literal, RFC 5321 4.1.1.1.
bool is_greeting_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
  };
  if (name.size() > 253) return false;
  if (name.size() > 2 && name.front() == '[' && name.back() == ']') {
    name = name.substr(1, name.size() - 2);
    return std::all_of(name.begin(), name.end(), [&](char c) { return plain(c) || c == ':'; });
  }
  return std::all_of(name.begin(), name.end(), plain) && !name.starts_with('.') && !name.starts_with('-');
}

std::string credentials_fault(const MailRequest& request) {
  if (request.auth == MailAuth::kNone) return "";
  if (request.user.empty() || request.user.size() > kLongestUser || has_control(request.user)) {
    return "the user name is empty, longer than 1 KiB or has a control character";
  }
  if (request.password.empty() || request.password.size() > kLongestPassword ||
      has_control(request.password)) {
    return "the password is empty, longer than 8 KiB or has a control character";
  }
  return "";
}

std::string lines_fault(std::string_view bytes) {
  for (std::size_t begin = 0; begin < bytes.size();) {
    const auto end = bytes.find('\n', begin);
    const auto line = bytes.substr(begin, end == bytes.npos ? end : end - begin);
    if (end != bytes.npos && !line.ends_with('\r')) {
      return "the message has a line that ends with LF alone; end lines with CRLF";
    }
    const auto text = end == bytes.npos ? line : line.substr(0, line.size() - 1);
    if (text.find('\r') != text.npos) return "the message has a CR that ends no line; end lines with CRLF";
    if (text.find('\0') != text.npos) return "the message has a NUL; encode it";
    if (text.size() > kLongestLine) return "the message has a line longer than 998 octets; fold or encode it";
    begin = end == bytes.npos ? bytes.size() : end + 1;
  }
  return "";
}

std::string message_fault(const MailRequest& request) {
  if (!is_mail_address(request.envelope_from)) return "the sender is not an address that can be sent";
  if (request.recipients.empty() || request.recipients.size() > kMostRecipients) {
    return "a mail has 1 to 100 recipients";
  }
  for (const auto& recipient : request.recipients) {
    if (!is_mail_address(recipient)) return "a recipient is not an address that can be sent";
  }
  if (request.bytes.empty()) return "the message is empty";
  if (request.bytes.size() > kMostBytes) return "the message is larger than 25 MiB";
  return lines_fault(request.bytes);
}

}  // namespace

MailReply refused_mail(const MailRequest& request, IoError error, std::string reason) {
  MailReply reply;
  reply.error = error;
  reply.reason = std::move(reason);
  reply.recipients.resize(request.verify_only ? 0 : request.recipients.size(), {MailStage::kConnect, {}});
  return reply;
}

std::uint16_t mail_port(const MailRequest& request) {
  if (request.port != 0) return request.port;
  return request.security == MailSecurity::kImplicitTls ? 465 : 587;
}

bool is_mail_port(std::uint16_t port) {
  return port == 25 || port == 465 || port == 587 || port == 2525;
}

bool is_mail_address(std::string_view address) {
  return !address.empty() && address.size() <= kLongestAddress &&
         std::all_of(address.begin(), address.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte > 0x20 && byte != 0x7F && c != '<' && c != '>' && c != ',';
         });
}

Result<void> check_mail_server(std::string_view server, std::uint16_t port,
                               const security::AddressPolicy& policy) {
  if (server.empty()) return make_error(Errc::kInvalid, "the server is missing; give its name");
  const auto literal = security::parse_address(server);
  if (literal) {
    if (const char* why = policy.refusal(*literal)) {
      return make_error(Errc::kForbidden, security::describe_refusal("the server's address", why));
    }
  } else {
    std::string name(server);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    if (auto checked = check_host_name(name, "the server"); !checked) return checked;
  }
  if (!is_mail_port(port) && !(literal && policy.opened(*literal))) {
    return make_error(Errc::kForbidden, "the port is not one of mail; use 587, 465, 25 or 2525");
  }
  return {};
}

std::string mail_fault(const MailRequest& request) {
  if (!request.ehlo.empty() && !is_greeting_name(request.ehlo)) {
    return "the name to greet with is not a host name";
  }
  std::string fault = credentials_fault(request);
  if (fault.empty() && !request.verify_only) fault = message_fault(request);
  return fault;
}

void end_with_dot(std::string& bytes) {
  std::size_t dots = bytes.starts_with('.') ? 1 : 0;
  for (auto at = bytes.find("\n."); at != bytes.npos; at = bytes.find("\n.", at + 2)) ++dots;
  const std::string_view end = bytes.ends_with('\n') ? ".\r\n" : "\r\n.\r\n";
  if (dots == 0) {
    bytes.append(end);
    return;
  }
  std::string stuffed;
  stuffed.reserve(bytes.size() + dots + end.size());
  bool line_begins = true;
  for (const char c : bytes) {
    if (line_begins && c == '.') stuffed.push_back('.');
    stuffed.push_back(c);
    line_begins = c == '\n';
  }
  stuffed.append(end);
  bytes = std::move(stuffed);
}

}  // namespace tocsin::net
