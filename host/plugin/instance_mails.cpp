// Mail for a plugin: from its submit to its callback. The places, limits and cancellations are those of
// instance_exchanges.cpp.
#include <cstring>

#include "plugin/guard.hpp"
#include "plugin/instance.hpp"
#include "plugin/mail_request.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kKeptText = 1024;

// The reply as people know it: "550 5.1.1 no such user".
std::string as_line(const net::SmtpReply& reply) {
  if (reply.code == 0) return "";
  std::string line = std::to_string(reply.code);
  if (!reply.enhanced.empty()) line += ' ' + reply.enhanced;
  return reply.text.empty() ? line : line + ' ' + reply.text;
}

}  // namespace

tocsin_status Instance::submit_mail(Handle handle, const tocsin_smtp_mail* mail, tocsin_smtp_fn callback,
                                    void* user) {
  if (callback == nullptr || mail == nullptr) return TOCSIN_E_INVALID;
  tocsin_status status = admit(handle);
  if (status != TOCSIN_OK) return status;
  MailToSend read;
  status = read_mail_request(mail, services_.vault, {owner_, egress_, mail_without_tls_}, read);
  if (status != TOCSIN_OK) return status;
  Exchange* exchange = nullptr;
  {
    const std::lock_guard lock(mutex_);
    status = take_place_locked(handle, user, exchange);
    if (status != TOCSIN_OK) return status;
    exchange->mail_callback = callback;
    exchange->recipients = read.request.recipients;
    exchange->credentials = std::move(read.credentials);
    exchange->has_secrets = read.request.auth != net::MailAuth::kNone;
  }
  read.request.pool = owner_;
  services_.exchanges.submit_mail(std::move(read.request), [exchange](net::MailReply reply) {
    exchange->owner->answered(*exchange, std::move(reply), Wake::kWithBatch);
  });
  return TOCSIN_OK;
}

tocsin_status Instance::check_mail(const tocsin_smtp_mail* mail, tocsin_error* error) {
  if (gone_) return TOCSIN_E_CLOSING;
  std::string text;
  const tocsin_status status =
      check_mail_request(mail, services_.vault, {owner_, egress_, mail_without_tls_}, policy_, text);
  if (status != TOCSIN_OK && error != nullptr) {
    text = repair_text(text, sizeof error->text - 1);
    std::memcpy(error->text, text.c_str(), text.size() + 1);
  }
  return status;
}

// [egress]
void Instance::answered(Exchange& exchange, net::MailReply reply, Wake wake) {
  std::shared_ptr<Instance> self;  // outlives the lock
  const std::lock_guard lock(mutex_);
  self = std::move(exchange.owner);
  if (!exchange.answered) exchange.mail = std::move(reply);
  settle_locked(exchange, wake);
}

// What a server repeats of the credentials must not come back to the plugin or into the log.
void Instance::clean_reply(const Exchange& exchange, net::SmtpReply& reply) const {
  if (!reply.text.empty() && !gone_) services_.vault.redact(owner_, reply.text);
  for (const auto& credentials : exchange.credentials) replace_all(reply.text, credentials, "[redacted]");
  reply.text = repair_text(reply.text, kKeptText);
}

void Instance::answer_mail(Exchange& exchange) {
  net::MailReply& mail = exchange.mail;
  clean_reply(exchange, mail.reply);
  for (auto& recipient : mail.recipients) clean_reply(exchange, recipient.reply);
  keep_facts(exchange.delivery, {0, mail.remote_address, as_line(mail.reply), mail.reason});
  std::vector<tocsin_smtp_recipient> recipients;
  for (std::size_t i = 0; i < mail.recipients.size(); ++i) {
    const auto& [stage, reply] = mail.recipients[i];
    recipients.push_back({c_view(exchange.recipients[i]), reply.code, static_cast<std::uint32_t>(stage),
                          c_view(reply.enhanced), c_view(reply.text)});
  }
  tocsin_smtp_reply out{};
  out.size = sizeof out;
  out.io_error = static_cast<std::uint32_t>(mail.error);
  out.stage = static_cast<std::uint32_t>(mail.stage);
  out.code = mail.reply.code;
  out.enhanced = c_view(mail.reply.enhanced);
  out.text = c_view(mail.reply.text);
  out.request_sent = mail.content_sent ? 1 : 0;
  out.elapsed_ms = static_cast<std::uint32_t>(mail.duration_us / 1000);
  out.recipients = recipients.empty() ? nullptr : recipients.data();
  out.n_recipients = recipients.size();
  end_exchange(exchange, guard([&] {
                 exchange.mail_callback(plugin_, to_delivery(exchange.delivery), &out, exchange.user);
               }));
}

}  // namespace tocsin::plugin
