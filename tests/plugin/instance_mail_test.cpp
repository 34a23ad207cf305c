// Mail from a plugin to a real server and back, with the password on the wire and nowhere else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel_host.hpp"
#include "net/egress_receiver.hpp"
#include "net/mail_server.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin::tests {
namespace {

using net::tests::Heard;
using net::tests::MailServer;
using net::tests::Say;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// What a plugin saw of an answer.
struct Answer {
  std::uint32_t io_error = 99, stage = 99;
  int code = 0;
  bool request_sent = false;
  std::string text;
  std::vector<std::string> recipients;  // "a@x.test 8 250 2.0.0 queued"
};

Answer copy(const tocsin_smtp_reply& reply) {
  Answer answer{
      reply.io_error, reply.stage, reply.code, reply.request_sent != 0, std::string(view(reply.text)), {}};
  for (std::size_t i = 0; i < reply.n_recipients; ++i) {
    const auto& each = reply.recipients[i];
    answer.recipients.push_back(std::string(view(each.address)) + ' ' + std::to_string(each.stage) + ' ' +
                                std::to_string(each.code) + ' ' + std::string(view(each.enhanced)) + ' ' +
                                std::string(view(each.text)));
  }
  return answer;
}

// A channel that sends one mail for each delivery.
struct Mailer {
  Script script;
  std::string server, password;
  std::uint32_t port = 0;
  std::uint32_t security = TOCSIN_SMTP_CLEAR;
  std::vector<std::string> recipients = {"a@x.test"};
  std::function<void(tocsin_smtp_mail&)> change = [](tocsin_smtp_mail&) {};
  std::vector<Answer> answers;
  std::vector<tocsin_status> refusals;

  Mailer() {
    script.create = [this](const tocsin_doc& settings) {
      server = view(tocsin_find(&settings, "/server"));
      password = view(tocsin_find(&settings, "/secret"));
      port = static_cast<std::uint32_t>(std::stoul("0" + std::string(view(tocsin_find(&settings, "/port")))));
    };
    script.deliver = [this](const tocsin_message&, tocsin_delivery* delivery) {
      const tocsin_status status = send(delivery);
      if (status == TOCSIN_OK) return;
      refusals.push_back(status);
      script.complete(delivery, TOCSIN_MISCONFIGURED);
    };
  }
  tocsin_status send(tocsin_delivery* delivery) {
    std::vector<tocsin_str> to;
    for (const auto& each : recipients) to.push_back(c_view(each));
    tocsin_smtp_mail mail = make(to);
    return script.smtp().submit(script.host, delivery, &mail, &answered, this);
  }
  tocsin_smtp_mail make(const std::vector<tocsin_str>& to) const {
    tocsin_smtp_mail mail{};
    mail.size = sizeof mail;
    mail.security = security;
    mail.server = c_view(server);
    mail.port = port;
    if (!password.empty()) {
      mail.auth = TOCSIN_SMTP_PASSWORD;
      mail.user = tocsin_lit("alice");
      mail.password = c_view(password);
    }
    mail.envelope_from = tocsin_lit("alerts@x.test");
    mail.recipients = to.data();
    mail.n_recipients = to.size();
    mail.bytes = tocsin_lit("Subject: tsec_00000000000000000000000000000000\r\n\r\nhi\r\n");
    change(mail);
    return mail;
  }
  std::string check(tocsin_status& status) const {
    tocsin_error error{};
    error.size = sizeof error;
    const tocsin_smtp_mail mail = make({});
    status = script.smtp().check(script.host, &mail, &error);
    return error.text;
  }
  static void answered(tocsin_instance*, tocsin_delivery* delivery, const tocsin_smtp_reply* reply,
                       void* user) {
    auto& self = *static_cast<Mailer*>(user);
    self.answers.push_back(copy(*reply));
    self.script.complete(delivery, reply->stage == TOCSIN_SMTP_DONE ? TOCSIN_DELIVERED : TOCSIN_RETRY,
                         "test.answer", self.answers.back().text.c_str());
  }
};

std::string settings_for(const MailServer& server, const std::string& secret = "CANARY-ONE") {
  return R"({"server":"127.0.0.1","port":)" + std::to_string(server.port()) + R"(,"secret":")" + secret +
         "\"}";
}

std::unique_ptr<ChannelHost> make_host() {
  return std::make_unique<ChannelHost>(2, true, true);
}

TEST(ChannelMail, SendsAndWritesDownTheAnswer) {
  const MailServer server;
  const auto host = make_host();
  Mailer mailer;
  mailer.recipients = {"a@x.test", "b@x.test"};
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host->sink.wait(1)[0].attempt;
  EXPECT_EQ(attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ(attempt.remote_address, "127.0.0.1:" + std::to_string(server.port()));
  EXPECT_EQ(attempt.response, "250 2.0.0 queued as 123");
  EXPECT_EQ(attempt.http_status, 0);
  ASSERT_EQ(mailer.answers.size(), 1U);
  EXPECT_EQ(mailer.answers[0].io_error, static_cast<std::uint32_t>(TOCSIN_IO_OK));
  EXPECT_TRUE(mailer.answers[0].request_sent);
  EXPECT_THAT(mailer.answers[0].recipients,
              ElementsAre("a@x.test 8 250 2.0.0 queued as 123", "b@x.test 8 250 2.0.0 queued as 123"));
  (*instance)->stop(10'000);
}

TEST(ChannelMail, SwapsThePasswordOnTheWireAndShowsItNowhereElse) {
  const MailServer server(MailServer::Tls::kNone, [](const Heard& heard) {
    // A server that repeats what it was sent, as it came and decoded.
    return heard.credentials ? Say{"535-5.7.8 not " + heard.line + "\r\n535 5.7.8 CANARY-ONE\r\n"} : Say{};
  });
  const auto host = make_host();
  Mailer mailer;
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  EXPECT_TRUE(mailer.password.starts_with("tsec_"));
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host->sink.wait(1)[0].attempt;
  EXPECT_THAT(server.lines(), HasSubstr("AGFsaWNlAENBTkFSWS1PTkU="));  // \0alice\0CANARY-ONE
  EXPECT_EQ(mailer.answers.at(0).stage, static_cast<std::uint32_t>(TOCSIN_SMTP_AT_AUTH));
  EXPECT_EQ(mailer.answers.at(0).code, 535);
  EXPECT_EQ(mailer.answers.at(0).text, "not [redacted]\n[redacted]");
  EXPECT_EQ(attempt.response, "535 5.7.8 not [redacted]\n[redacted]");
  EXPECT_THAT(mailer.answers.at(0).recipients,
              ElementsAre("a@x.test 3 535 5.7.8 not [redacted]\n[redacted]"));
  (*instance)->stop(10'000);
}

TEST(ChannelMail, LeavesTokensInTheMessageAlone) {
  const MailServer server;
  const auto host = make_host();
  Mailer mailer;
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  const std::string bytes = mailer.password + "\r\n";
  mailer.change = [&](tocsin_smtp_mail& mail) { mail.bytes = c_view(bytes); };
  (*instance)->deliver({make_job(1)});
  host->sink.wait(1);
  EXPECT_THAT(server.messages(), ElementsAre(mailer.password));
  (*instance)->stop(10'000);
}

TEST(ChannelMail, RefusesWhatItCannotSendBeforeAnythingIsSent) {
  const MailServer server;
  const auto host = make_host();
  struct Case {
    const char* what;
    std::function<void(tocsin_smtp_mail&)> change;
    tocsin_status status;
  };
  static const tocsin_str evil = tocsin_lit("b@x>\r\nRCPT TO:<evil@x");
  static const std::string large(25 * 1024 * 1024 + 1, 'x');
  const std::vector<Case> cases = {
      {"a small struct", [](tocsin_smtp_mail& m) { m.size = 8; }, TOCSIN_E_INVALID},
      {"an unknown flag", [](tocsin_smtp_mail& m) { m.flags = 2; }, TOCSIN_E_INVALID},
      {"an unknown protection", [](tocsin_smtp_mail& m) { m.security = 3; }, TOCSIN_E_INVALID},
      {"an unknown authentication", [](tocsin_smtp_mail& m) { m.auth = 3; }, TOCSIN_E_INVALID},
      {"a port beyond", [](tocsin_smtp_mail& m) { m.port += 65536; }, TOCSIN_E_INVALID},
      {"no server",
       [](tocsin_smtp_mail& m) {
         m.server = {nullptr, 0};
       },
       TOCSIN_E_INVALID},
      {"another server", [](tocsin_smtp_mail& m) { m.server = tocsin_lit("127.0.0.2"); }, TOCSIN_E_DENIED},
      {"another port", [](tocsin_smtp_mail& m) { m.port = 25; }, TOCSIN_E_DENIED},
      {"an address that breaks out", [](tocsin_smtp_mail& m) { m.recipients = &evil; }, TOCSIN_E_INVALID},
      {"a sender that breaks out", [](tocsin_smtp_mail& m) { m.envelope_from = evil; }, TOCSIN_E_INVALID},
      {"no recipient", [](tocsin_smtp_mail& m) { m.n_recipients = 0; }, TOCSIN_E_INVALID},
      {"too many", [](tocsin_smtp_mail& m) { m.n_recipients = 101; }, TOCSIN_E_TOO_LARGE},
      {"no list", [](tocsin_smtp_mail& m) { m.recipients = nullptr; }, TOCSIN_E_INVALID},
      {"bare line feeds", [](tocsin_smtp_mail& m) { m.bytes = tocsin_lit("a\n.\nb\n"); }, TOCSIN_E_INVALID},
      {"too much", [](tocsin_smtp_mail& m) { m.bytes = c_view(large); }, TOCSIN_E_TOO_LARGE},
      {"a plain password", [](tocsin_smtp_mail& m) { m.password = tocsin_lit("hunter22"); },
       TOCSIN_E_UNKNOWN_SECRET},
      {"a stranger's token",
       [](tocsin_smtp_mail& m) { m.password = tocsin_lit("tsec_00000000000000000000000000000000"); },
       TOCSIN_E_UNKNOWN_SECRET},
      {"a token among other text", [](tocsin_smtp_mail& m) { m.password.len -= 1; }, TOCSIN_E_UNKNOWN_SECRET},
      {"a user who breaks out", [](tocsin_smtp_mail& m) { m.user = evil; }, TOCSIN_E_INVALID},
  };
  for (const Case& each : cases) {
    Mailer mailer;
    mailer.change = each.change;
    const auto instance = host->make(mailer.script, Table(), settings_for(server));
    const std::size_t before = host->sink.count();
    (*instance)->deliver({make_job(1)});
    host->sink.wait(before + 1);
    EXPECT_THAT(mailer.refusals, ElementsAre(each.status)) << each.what;
    (*instance)->stop(10'000);
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(ChannelMail, SendsWithoutTlsOnlyByTheOperatorsGrant) {
  const MailServer server;
  ChannelHost host;
  Mailer mailer;
  const auto instance = host.make(mailer.script, Table(), settings_for(server));
  (*instance)->deliver({make_job(1)});
  host.sink.wait(1);
  EXPECT_THAT(mailer.refusals, ElementsAre(TOCSIN_E_DENIED));
  tocsin_status status = TOCSIN_OK;
  EXPECT_THAT(mailer.check(status), HasSubstr("egress.smtp_without_tls"));
  EXPECT_EQ(status, TOCSIN_E_DENIED);
  mailer.security = TOCSIN_SMTP_STARTTLS;
  EXPECT_EQ(mailer.check(status), "");
  EXPECT_EQ(status, TOCSIN_OK);
  (*instance)->stop(10'000);
  EXPECT_EQ(server.connections(), 0);
}

TEST(ChannelMail, ChecksInCreateWhatCouldNeverBeSent) {
  const MailServer server;
  const auto host = make_host();
  struct Case {
    std::string server;
    std::uint32_t port;
    tocsin_status status;
    const char* text;
  };
  for (const Case& each :
       {Case{"10.0.0.1", 25, TOCSIN_E_DENIED, "private network"},
        Case{"localhost", 25, TOCSIN_E_DENIED, "no domain"},
        Case{"metadata.internal", 25, TOCSIN_E_DENIED, "not public"},
        Case{"mail.acme.com", 80, TOCSIN_E_DENIED, "not one of mail"},
        Case{"mail acme", 25, TOCSIN_E_INVALID, "not a host name"}, Case{"", 25, TOCSIN_E_INVALID, "missing"},
        Case{"mail.acme.com", 587, TOCSIN_E_DENIED, "does not declare"},
        Case{"127.0.0.1", server.port(), TOCSIN_OK, ""}}) {
    Mailer mailer;
    std::string text;
    tocsin_status status = TOCSIN_OK;
    const auto read = mailer.script.create;
    mailer.script.create = [&](const tocsin_doc& settings) {
      read(settings);
      mailer.server = each.server;
      mailer.port = each.port;
      text = mailer.check(status);
    };
    const auto instance = host->make(mailer.script, Table(), settings_for(server));
    EXPECT_EQ(status, each.status) << each.server;
    EXPECT_THAT(text, HasSubstr(each.text)) << each.server;
    (*instance)->stop(10'000);
  }
  Mailer mailer;
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  mailer.password = "hunter22";
  tocsin_status status = TOCSIN_OK;
  EXPECT_THAT(mailer.check(status), HasSubstr("password is missing"));
  EXPECT_EQ(status, TOCSIN_E_UNKNOWN_SECRET);
  (*instance)->stop(10'000);
}

TEST(ChannelMail, RefusesADeliveryThatIsNotLive) {
  const MailServer server;
  const auto host = make_host();
  Mailer mailer;
  Signal tried;
  std::vector<tocsin_status> statuses;
  mailer.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    mailer.script.complete(delivery);
    statuses.push_back(mailer.send(delivery));
    statuses.push_back(mailer.send(nullptr));
    tried.set();
  };
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  (*instance)->deliver({make_job(1)});
  EXPECT_TRUE(tried.wait());
  (*instance)->stop(10'000);
  EXPECT_THAT(statuses, ElementsAre(TOCSIN_E_STALE, TOCSIN_E_STALE));
  EXPECT_EQ(server.connections(), 0);
}

TEST(ChannelMail, EndsMailsAsCancelledWhenAskedToGiveUpOrStopped) {
  for (const bool stop : {false, true}) {
    Signal arrived, release;
    const MailServer server(MailServer::Tls::kNone, [&](const Heard& heard) {
      if (heard.line == "<message>") {
        arrived.set();
        EXPECT_TRUE(release.wait());
      }
      return Say{};
    });
    const auto host = make_host();
    Mailer mailer;
    const auto instance = host->make(mailer.script, Table(), settings_for(server));
    (*instance)->deliver({make_job(3)});
    ASSERT_TRUE(arrived.wait());
    if (stop) {
      (*instance)->stop(10'000);
      EXPECT_EQ(host->sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kInterrupted);
    } else {
      (*instance)->cancel(3);
      EXPECT_EQ(host->sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kRetry);
    }
    ASSERT_EQ(mailer.answers.size(), 1U);
    EXPECT_EQ(mailer.answers[0].io_error, static_cast<std::uint32_t>(TOCSIN_IO_CANCELLED));
    EXPECT_EQ(mailer.answers[0].stage, static_cast<std::uint32_t>(TOCSIN_SMTP_AT_DOT));
    EXPECT_TRUE(mailer.answers[0].request_sent) << "it may have been taken";
    EXPECT_THAT(mailer.answers[0].recipients, ElementsAre("a@x.test 7 0  "));
    release.set();
    (*instance)->stop(10'000);
    EXPECT_EQ(mailer.answers.size(), 1U);
  }
}

TEST(ChannelMail, HasTheSamePlacesAsHttp) {
  Signal release;
  const MailServer server(MailServer::Tls::kNone, [&](const Heard&) {
    EXPECT_TRUE(release.wait());
    return Say{};
  });
  const auto host = make_host();
  Mailer mailer;
  std::vector<tocsin_status> statuses;
  mailer.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    for (int i = 0; i < 17; ++i) statuses.push_back(mailer.send(delivery));
    mailer.script.complete(delivery);
  };
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  (*instance)->deliver({make_job(1)});
  host->sink.wait(1);
  (*instance)->stop(10'000);
  release.set();
  EXPECT_EQ(std::count(statuses.begin(), statuses.end(), TOCSIN_OK), 16);
  EXPECT_EQ(statuses.back(), TOCSIN_E_BUSY);
  EXPECT_EQ(mailer.answers.size(), 16U) << "each accepted submit has its callback, also after completion";
}

TEST(ChannelMail, VerifiesAConnectionWithoutAMail) {
  const MailServer server;
  const auto host = make_host();
  Mailer mailer;
  mailer.change = [](tocsin_smtp_mail& mail) {
    mail.flags = TOCSIN_SMTP_VERIFY;
    mail.bytes = {nullptr, 0};
    mail.n_recipients = 0;
  };
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  (*instance)->deliver({make_job(1)});
  EXPECT_EQ(host->sink.wait(1)[0].attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ(mailer.answers.at(0).code, 235);
  EXPECT_FALSE(mailer.answers.at(0).request_sent);
  EXPECT_THAT(server.lines(), Not(HasSubstr("MAIL")));
  (*instance)->stop(10'000);
}

TEST(ChannelMail, AThrowFromACallbackEndsItsDelivery) {
  const MailServer server;
  const auto host = make_host();
  Mailer mailer;
  mailer.script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    const tocsin_str to[] = {tocsin_lit("a@x.test")};
    const tocsin_smtp_mail mail = mailer.make({to[0]});
    tocsin_smtp_mail own = mail;
    own.recipients = to;
    mailer.script.smtp().submit(
        mailer.script.host, delivery, &own,
        [](tocsin_instance*, tocsin_delivery*, const tocsin_smtp_reply*, void*) {
          throw std::runtime_error("eek");
        },
        nullptr);
  };
  const auto instance = host->make(mailer.script, Table(), settings_for(server));
  (*instance)->deliver({make_job(1)});
  const Attempt attempt = host->sink.wait(1)[0].attempt;
  EXPECT_EQ(attempt.outcome.code, "plugin.threw");
  EXPECT_THAT(attempt.outcome.detail, HasSubstr("mail callback"));
  (*instance)->stop(10'000);
}

}  // namespace
}  // namespace tocsin::plugin::tests
