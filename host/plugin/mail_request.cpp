// See mail_request.hpp. The message itself is never searched for tokens: it may hold what producers wrote.
#include "plugin/mail_request.hpp"

#include <algorithm>
#include <cstddef>

#include "plugin/egress_target.hpp"
#include "plugin/plain_text.hpp"
#include "security/signature.hpp"

namespace tocsin::plugin {
namespace {

constexpr std::size_t kMostRecipients = 100;
constexpr std::size_t kMostBytes = 25 * 1024 * 1024;
constexpr std::uint32_t kSmallestMail = offsetof(tocsin_smtp_mail, bytes) + sizeof(tocsin_str);

bool read_protection(const tocsin_smtp_mail& mail, net::MailRequest& out) {
  if (mail.security > TOCSIN_SMTP_CLEAR || mail.auth > TOCSIN_SMTP_XOAUTH2 || mail.port > 65535) return false;
  out.security = static_cast<net::MailSecurity>(mail.security);
  out.auth = static_cast<net::MailAuth>(mail.auth);
  out.port = static_cast<std::uint16_t>(mail.port);
  out.server = view(mail.server);
  if (out.server.size() > 2 && out.server.front() == '[' && out.server.back() == ']') {
    out.server = out.server.substr(1, out.server.size() - 2);
  }
  return !out.server.empty();
}

// The value behind the password's token. False: it is no token of this instance.
bool find_password(const tocsin_smtp_mail& mail, const security::SecretVault& vault, std::uint64_t owner,
                   std::string& out) {
  out = view(mail.password);
  const bool token = out.size() == security::kTokenLength && out.starts_with(security::kTokenPrefix);
  return token && vault.swap(owner, out) && out != view(mail.password);
}

// What a server could repeat of what it was sent.
std::vector<std::string> wire_forms(const net::MailRequest& request) {
  if (request.auth == net::MailAuth::kNone) return {};
  const std::string& user = request.user;
  const std::string& password = request.password;
  if (request.auth == net::MailAuth::kXoauth2) {
    return {security::encode_base64("user=" + user + "\001auth=Bearer " + password + "\001\001")};
  }
  return {security::encode_base64(std::string(1, '\0') + user + '\0' + password),
          security::encode_base64(password)};
}

std::int64_t bounded_timeout(std::uint32_t asked) {
  return asked == 0 ? 60'000 : std::clamp<std::int64_t>(asked, 10'000, 600'000);
}

}  // namespace

tocsin_status read_mail_request(const tocsin_smtp_mail* mail, const security::SecretVault& vault,
                                const MailGrants& grants, MailToSend& out) {
  if (mail == nullptr || mail->size < kSmallestMail) return TOCSIN_E_INVALID;
  if ((mail->flags & ~static_cast<std::uint32_t>(TOCSIN_SMTP_VERIFY)) != 0) return TOCSIN_E_INVALID;
  net::MailRequest& request = out.request;
  if (!read_protection(*mail, request)) return TOCSIN_E_INVALID;
  request.verify_only = (mail->flags & TOCSIN_SMTP_VERIFY) != 0;
  request.timeout_ms = bounded_timeout(mail->timeout_ms);
  request.ehlo = view(mail->ehlo);
  if (!request.verify_only) {
    if (mail->n_recipients > kMostRecipients || mail->bytes.len > kMostBytes) return TOCSIN_E_TOO_LARGE;
    if (mail->n_recipients > 0 && mail->recipients == nullptr) return TOCSIN_E_INVALID;
    request.envelope_from = view(mail->envelope_from);
    for (std::size_t i = 0; i < mail->n_recipients; ++i) {
      request.recipients.emplace_back(view(mail->recipients[i]));
    }
    request.bytes = view(mail->bytes);
  }
  if (request.auth != net::MailAuth::kNone) {
    request.user = view(mail->user);
    request.password = view(mail->password);
  }
  if (!net::mail_fault(request).empty()) return TOCSIN_E_INVALID;
  if (!target_allowed(server_target(request.server, net::mail_port(request)), grants.egress)) {
    return TOCSIN_E_DENIED;
  }
  if (request.security == net::MailSecurity::kClear && !grants.without_tls) return TOCSIN_E_DENIED;
  if (request.auth == net::MailAuth::kNone) return TOCSIN_OK;
  if (!find_password(*mail, vault, grants.owner, request.password)) return TOCSIN_E_UNKNOWN_SECRET;
  out.credentials = wire_forms(request);
  return TOCSIN_OK;
}

tocsin_status check_mail_request(const tocsin_smtp_mail* mail, const security::SecretVault& vault,
                                 const MailGrants& grants, const security::AddressPolicy& policy,
                                 std::string& text) {
  net::MailRequest request;
  if (mail == nullptr || mail->size < kSmallestMail || !read_protection(*mail, request)) {
    text = "the server, the port or the kind of protection is missing or unknown; give a server's name";
    return TOCSIN_E_INVALID;
  }
  const std::uint16_t port = net::mail_port(request);
  if (auto checked = net::check_mail_server(request.server, port, policy); !checked) {
    text = checked.error().detail;
    return checked.error().code == Errc::kForbidden ? TOCSIN_E_DENIED : TOCSIN_E_INVALID;
  }
  if (!target_allowed(server_target(request.server, port), grants.egress)) {
    text =
        "the plugin does not declare that it reaches this server and port; set its port, or ask for another "
        "version of the plugin";
    return TOCSIN_E_DENIED;
  }
  if (request.security == net::MailSecurity::kClear && !grants.without_tls) {
    text =
        "mail without TLS is not allowed here; use STARTTLS or implicit TLS, or ask the operator to set "
        "egress.smtp_without_tls";
    return TOCSIN_E_DENIED;
  }
  if (request.auth != net::MailAuth::kNone && !find_password(*mail, vault, grants.owner, request.password)) {
    text = "the password is missing; give it, or choose to send without authentication";
    return TOCSIN_E_UNKNOWN_SECRET;
  }
  return TOCSIN_OK;
}

}  // namespace tocsin::plugin
