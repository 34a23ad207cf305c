// See settings.hpp.
#include "settings.hpp"

#include <algorithm>

#include "default_templates.hpp"
#include "mail_template.hpp"

namespace smtp {

namespace {

using tocsin::settings_error;

constexpr std::uint32_t kStarttlsPort = 587;
constexpr std::uint32_t kImplicitPort = 465;

Address address_at(std::string_view text, const std::string& pointer) {
  std::string fault;
  auto address = read_address(text, fault);
  if (!address) throw settings_error(pointer, fault);
  return *std::move(address);
}

std::string host_at(const tocsin::settings& given, const char* pointer) {
  const auto name = read_host(given.text(pointer));
  if (!name) throw settings_error(pointer, "must be a host name, such as mail.example.com");
  return *name;
}

void read_security(const tocsin::settings& given, tocsin::smtp_mail& connection) {
  const std::string_view security = given.text("/security", "starttls");
  const bool implicit = security == "implicit";
  connection.security = implicit                 ? TOCSIN_SMTP_IMPLICIT_TLS
                        : security == "starttls" ? TOCSIN_SMTP_STARTTLS
                                                 : TOCSIN_SMTP_CLEAR;
  connection.port =
      static_cast<std::uint32_t>(given.number("/port", implicit ? kImplicitPort : kStarttlsPort));
  if (connection.port == kImplicitPort && !implicit)
    throw settings_error("/security",
                         "port 465 speaks TLS from the start; set this to implicit, or the port to 587");
  if (connection.port == kStarttlsPort && implicit)
    throw settings_error("/security",
                         "port 587 begins in the clear; set this to starttls, or the port to 465");
}

void read_auth(const tocsin::settings& given, tocsin::smtp_mail& connection) {
  connection.user = given.text("/username");
  connection.password = given.text("/password");
  const std::string_view auth = given.text("/auth", connection.password.empty() ? "none" : "password");
  connection.auth = auth == "password"  ? TOCSIN_SMTP_PASSWORD
                    : auth == "xoauth2" ? TOCSIN_SMTP_XOAUTH2
                                        : TOCSIN_SMTP_NO_AUTH;
  if (connection.auth == TOCSIN_SMTP_NO_AUTH) {
    if (!connection.password.empty())
      throw settings_error(
          "/auth", "a password is given but sign-in is none; set this to password, or remove the password");
    return;
  }
  if (connection.user.empty())
    throw settings_error("/username", "is needed to sign in; add it, or set auth to none");
  if (connection.password.empty())
    throw settings_error("/password",
                         "is needed to sign in; add it (for xoauth2: the access token), or set auth to none");
  const bool control = std::any_of(connection.user.begin(), connection.user.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
  if (control) throw settings_error("/username", "has a line break or another control character; remove it");
}

Address read_from(const tocsin::settings& given) {
  if (given.has("/from")) return address_at(given.text("/from"), "/from");
  std::string fault;
  auto address = read_address(given.text("/username"), fault);
  if (!address)
    throw settings_error("/from",
                         "is needed, since the user name is no mail address; add the sender's address");
  return *std::move(address);
}

std::vector<Address> read_recipients(const tocsin::settings& given) {
  std::vector<Address> to;
  for (const auto& [index, text] : given.members("/to")) {
    const std::string pointer = "/to/" + index;
    Address address = address_at(text, pointer);
    if (std::any_of(to.begin(), to.end(), [&](const Address& one) { return one.text == address.text; }))
      throw settings_error(pointer, "stands in the list twice; remove one");
    to.push_back(std::move(address));
  }
  if (to.empty()) throw settings_error("/to", "needs at least one address, such as [\"ops@example.com\"]");
  return to;
}

std::string template_at(const tocsin::settings& given, const char* pointer, const char* standard,
                        Escape escape) {
  const std::string text(given.text(pointer, standard));
  if (const std::string fault = template_fault(text, escape); !fault.empty())
    throw settings_error(pointer, fault);
  return text;
}

}  // namespace

Settings read_settings(const tocsin::settings& given) {
  Settings read;
  read.connection.server = host_at(given, "/server");
  read_security(given, read.connection);
  read_auth(given, read.connection);
  read.from = read_from(given);
  read.from_name = given.text("/from_name");
  read.to = read_recipients(given);
  if (given.has("/reply_to")) read.reply_to = address_at(given.text("/reply_to"), "/reply_to").text;
  if (given.has("/ehlo")) read.connection.ehlo = host_at(given, "/ehlo");
  read.connection.timeout_ms = static_cast<std::uint32_t>(given.number("/timeout_seconds", 60) * 1000);
  read.connection.envelope_from = read.from.text;
  read.subject = template_at(given, "/subject", kDefaultSubject, Escape::kNone);
  read.text = template_at(given, "/text", kDefaultText, Escape::kNone);
  read.html = template_at(given, "/html", kDefaultHtml, Escape::kHtml);
  return read;
}

}  // namespace smtp
