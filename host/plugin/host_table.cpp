// The host as a plugin sees it: one struct of plain functions for each instance (host_door.hpp), and the
// extension tables that its type declares. Every function here may be called from any thread and lets nothing
// escape.
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>

#include <algorithm>
#include <string_view>

#include "net/exchange.hpp"
#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {

// The numbers of the house are the ABI's; a change on either side must not compile.
template <class Enum>
constexpr bool same(Enum ours, int abi) {
  return static_cast<int>(ours) == abi;
}
using net::IoError;
static_assert(same(IoError::kNone, TOCSIN_IO_OK) && same(IoError::kDns, TOCSIN_IO_DNS) &&
              same(IoError::kConnect, TOCSIN_IO_CONNECT) && same(IoError::kTls, TOCSIN_IO_TLS) &&
              same(IoError::kCertificate, TOCSIN_IO_CERTIFICATE) &&
              same(IoError::kTimeout, TOCSIN_IO_TIMEOUT) && same(IoError::kClosed, TOCSIN_IO_CLOSED) &&
              same(IoError::kProtocol, TOCSIN_IO_PROTOCOL) && same(IoError::kBlocked, TOCSIN_IO_BLOCKED) &&
              same(IoError::kInvalid, TOCSIN_IO_BAD_REQUEST) &&
              same(IoError::kCancelled, TOCSIN_IO_CANCELLED) && same(IoError::kLocal, TOCSIN_IO_LOCAL));
static_assert(same(net::MailSecurity::kStartTls, TOCSIN_SMTP_STARTTLS) &&
              same(net::MailSecurity::kImplicitTls, TOCSIN_SMTP_IMPLICIT_TLS) &&
              same(net::MailSecurity::kClear, TOCSIN_SMTP_CLEAR) &&
              same(net::MailAuth::kNone, TOCSIN_SMTP_NO_AUTH) &&
              same(net::MailAuth::kPassword, TOCSIN_SMTP_PASSWORD) &&
              same(net::MailAuth::kXoauth2, TOCSIN_SMTP_XOAUTH2));
using net::MailStage;
static_assert(same(MailStage::kConnect, TOCSIN_SMTP_AT_CONNECT) &&
              same(MailStage::kEhlo, TOCSIN_SMTP_AT_EHLO) && same(MailStage::kTls, TOCSIN_SMTP_AT_TLS) &&
              same(MailStage::kAuth, TOCSIN_SMTP_AT_AUTH) && same(MailStage::kMail, TOCSIN_SMTP_AT_MAIL) &&
              same(MailStage::kRcpt, TOCSIN_SMTP_AT_RCPT) && same(MailStage::kData, TOCSIN_SMTP_AT_DATA) &&
              same(MailStage::kDot, TOCSIN_SMTP_AT_DOT) && same(MailStage::kDone, TOCSIN_SMTP_DONE));
static_assert(same(OutcomeStatus::kDelivered, TOCSIN_DELIVERED) &&
              same(OutcomeStatus::kAccepted, TOCSIN_ACCEPTED) && same(OutcomeStatus::kRetry, TOCSIN_RETRY) &&
              same(OutcomeStatus::kRateLimited, TOCSIN_RATE_LIMITED) &&
              same(OutcomeStatus::kRejected, TOCSIN_REJECTED) &&
              same(OutcomeStatus::kUnreachable, TOCSIN_UNREACHABLE) &&
              same(OutcomeStatus::kMisconfigured, TOCSIN_MISCONFIGURED) &&
              same(OutcomeStatus::kGone, TOCSIN_GONE) && same(OutcomeStatus::kUncertain, TOCSIN_UNCERTAIN));
static_assert(same(Severity::kInfo, TOCSIN_INFO) && same(Severity::kLow, TOCSIN_LOW) &&
              same(Severity::kMedium, TOCSIN_MEDIUM) && same(Severity::kHigh, TOCSIN_HIGH) &&
              same(Severity::kCritical, TOCSIN_CRITICAL));
// The ABI counts categories from 1; message_view.cpp adds it.
static_assert(same(Category::kSecurityAlert, TOCSIN_SECURITY_ALERT - 1) &&
              same(Category::kSystemNotification, TOCSIN_SYSTEM_NOTIFICATION - 1) &&
              same(Category::kSystemError, TOCSIN_SYSTEM_ERROR - 1));

// To a call that comes too late the tables are still there: they answer that, where NULL might be followed.
const void* get_extension(const tocsin_host* host, const char* id) {
  if (host == nullptr || id == nullptr) return nullptr;
  const auto instance = Instance::of(host);
  return instance == nullptr ? find_table(id) : instance->find_extension(id);
}

void complete(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_outcome* outcome) {
  if (host == nullptr) return;
  if (const auto instance = Instance::of(host)) instance->complete(to_handle(delivery), outcome);
}

}  // namespace

tocsin_host host_table() {
  tocsin_host host{};
  host.size = sizeof host;
  host.abi_minor = TOCSIN_ABI_MINOR;
  host.version = tocsin_lit(TOCSIN_VERSION);
  host.get_extension = &get_extension;
  host.complete = &complete;
  return host;
}

const void* find_table(std::string_view id) {
  if (id == TOCSIN_EXT_HTTP) return &http_extension();
  if (id == TOCSIN_EXT_SMTP) return &smtp_extension();
  if (id == TOCSIN_EXT_INBOX) return &inbox_extension();
  if (id == TOCSIN_EXT_CLOCK) return &clock_extension();
  if (id == TOCSIN_EXT_SECRET) return &secret_extension();
  if (id == TOCSIN_EXT_LOG) return &log_extension();
  return nullptr;
}

const void* Instance::find_extension(const char* id) {
  const std::string_view wanted = id;
  const auto declares = [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), wanted) != list.end();
  };
  if (!declares(type_->required_extensions) && !declares(type_->used_extensions)) {
    say(TOCSIN_LOG_WARNING, "plugin " + type_->type + " asks for the extension " + repair_text(wanted, 64) +
                                ", which its descriptor does not declare");
    return nullptr;
  }
  return find_table(wanted);
}

}  // namespace tocsin::plugin
