// The mail channel: one mail to each recipient for an event or a digest, over the host's SMTP. It includes
// nothing of the host and has no privilege that a third party's plugin lacks; the password it never sees.
// What it does not do: speak the protocol (the host does, and never in the clear where TLS was asked for),
// sign with DKIM (the mail server does), or read bounces.
#include <memory>
#include <tocsin/plugin.hpp>

#include "mail_message.hpp"
#include "progress.hpp"
#include "reply.hpp"
#include "settings.hpp"
#include "settings_schema.hpp"

namespace smtp {
namespace {

// An attempt has 120 s; a transaction that begins later than this might not end in it.
constexpr std::int64_t kLastStartMs = 25'000;

class Channel {
 public:
  static constexpr tocsin::about about{
      .type = "smtp",
      .name = "Email (SMTP)",
      .version = "1.0.0",
      .summary = "Sends mail through your mail server, at once or as a digest",
      .vendor = "tocsin",
      .license = "Apache-2.0",
      .settings_schema = kSettingsSchema,
      .requires_ext = {TOCSIN_EXT_SMTP, TOCSIN_EXT_CLOCK},
      .egress = {"settings:/server,/port"},
      .retries = TOCSIN_RETRIES_MAIL,
      .flags = TOCSIN_TAKES_DIGESTS | TOCSIN_FLAT_DATA};

  Channel(const tocsin::settings& settings, const tocsin::host& host)
      : host_(host), settings_(read_settings(settings)) {
    tocsin_error error{};
    error.size = sizeof error;
    if (check(settings_.connection, error) == TOCSIN_OK) return;
    // Where the same would pass with TLS, it is the missing TLS that the host refuses.
    tocsin::smtp_mail secured = settings_.connection;
    secured.security = TOCSIN_SMTP_STARTTLS;
    tocsin_error ignored{};
    ignored.size = sizeof ignored;
    const bool for_security = check(secured, ignored) == TOCSIN_OK;
    throw tocsin::settings_error(for_security ? "/security" : "/server", error.text);
  }

  void deliver(tocsin::message message, tocsin::delivery delivery) {
    auto run = std::make_shared<Run>(Run{delivery,
                                         compose(settings_, message),
                                         Progress(settings_.to, message.carry()),
                                         {},
                                         0,
                                         host_.clock()->steady_ms(host_.raw())});
    run->waiting = run->progress.waiting();
    next(run);
  }

  void verify(tocsin::delivery delivery) {
    tocsin::smtp_mail mail = settings_.connection;
    mail.flags = TOCSIN_SMTP_VERIFY;
    delivery.send(mail, [delivery](tocsin::smtp_reply reply) {
      const Verdict verdict = judge(reply.io_error(), reply.request_sent(), reply.last());
      delivery.complete({verdict.status, verdict.code, verdict.detail, 0, {}, {}});
    });
  }

 private:
  // One attempt: a transaction for each recipient who still waits, one after the other on one connection.
  struct Run {
    tocsin::delivery delivery;
    MailContent content;
    Progress progress;
    std::vector<std::size_t> waiting;
    std::size_t at = 0;
    std::int64_t began_ms = 0;
  };

  [[nodiscard]] tocsin_status check(const tocsin::smtp_mail& connection, tocsin_error& error) const {
    return connection.as_c(
        [&](const tocsin_smtp_mail& mail) { return host_.smtp()->check(host_.raw(), &mail, &error); });
  }

  void next(const std::shared_ptr<Run>& run) {
    if (run->at == run->waiting.size()) return run->delivery.complete(run->progress.outcome());
    if (run->at > 0 && host_.clock()->steady_ms(host_.raw()) - run->began_ms > kLastStartMs) {
      run->progress.postpone(
          {TOCSIN_RETRY, "slow", "the server is slow; the other recipients follow with the next attempt"});
      return run->delivery.complete(run->progress.outcome());
    }
    const std::size_t recipient = run->waiting[run->at];
    tocsin::smtp_mail mail = settings_.connection;
    mail.recipients = {settings_.to[recipient].text};
    mail.bytes = mail_for(run->content, settings_.to[recipient]);
    run->delivery.send(mail, [this, run, recipient](tocsin::smtp_reply reply) {
      const tocsin::smtp_answer answer = reply.size() == 1 ? reply[0] : reply.last();
      Verdict verdict = judge(reply.io_error(), reply.request_sent(), answer);
      const bool go_on =
          verdict.status == TOCSIN_DELIVERED ||
          (concerns_recipient(answer, reply.io_error()) && verdict.status != TOCSIN_RATE_LIMITED);
      if (!go_on) run->progress.postpone(verdict);
      run->progress.ended(recipient, std::move(verdict));
      if (!go_on) return run->delivery.complete(run->progress.outcome());
      ++run->at;
      next(run);
    });
  }

  tocsin::host host_;
  Settings settings_;
};

}  // namespace
}  // namespace smtp

TOCSIN_CHANNEL(smtp::Channel)
