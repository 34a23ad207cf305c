// Mail never goes out with less protection than was asked for, whatever the server offers or takes away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/mail_fixture.hpp"

namespace tocsin::net::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Tls = MailServer::Tls;

Say usual(const Heard&) {
  return {};
}

MailRequest start_tls(const MailServer& server) {
  return with_password(mail_to(server, {"a@x.test", "b@x.test"}, MailSecurity::kStartTls));
}

// Nothing that only belongs inside TLS was heard outside of it.
void expect_no_secret_in_the_clear(const MailServer& server) {
  for (const auto& each : server.heard()) {
    const bool before = each.line == "<greeting>" || each.line == "STARTTLS" ||
                        each.line.starts_with("EHLO") || each.line == "QUIT";
    EXPECT_TRUE(each.encrypted || before) << each.line;
  }
}

TEST(MailTls, UpgradesBeforeAnythingElse) {
  const MailServer server(Tls::kStartTls);
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kDone);
  EXPECT_THAT(server.lines(), HasSubstr("EHLO tocsin.test|STARTTLS|EHLO tocsin.test|AUTH PLAIN|"
                                        "AGFsaWNlAHBhNTV3b3Jk|MAIL FROM:<alerts@x.test> SIZE=21|"));
  expect_no_secret_in_the_clear(server);
}

TEST(MailTls, SpeaksTlsFromTheFirstByteWhereAsked) {
  const MailServer server(Tls::kImplicit);
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, with_password(mail_to(server, {"a@x.test"}, MailSecurity::kImplicitTls)));
  EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kDone);
  for (const auto& each : server.heard()) EXPECT_TRUE(each.encrypted);
}

TEST(MailTls, StopsWhereStarttlsWasTakenOutOfTheOffer) {
  const MailServer server(Tls::kNone);
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kTls);
  EXPECT_EQ(reply.reply.code, 0);
  EXPECT_EQ(reply.recipients.at(1).stage, MailStage::kTls);
  expect_no_secret_in_the_clear(server);
}

TEST(MailTls, StopsWhereStarttlsIsRefused) {
  const MailServer server(Tls::kStartTls, [](const Heard& heard) {
    return heard.line == "STARTTLS" ? Say{"454 4.7.0 TLS not available\r\n"} : Say{};
  });
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_EQ(reply.stage, MailStage::kTls);
  EXPECT_EQ(reply.reply.code, 454);
  EXPECT_EQ(reply.error, IoError::kNone);
  expect_no_secret_in_the_clear(server);
}

TEST(MailTls, TakesNothingThatWasSaidBeforeTheHandshake) {
  const MailServer server(Tls::kStartTls, [](const Heard& heard) {
    return heard.line == "STARTTLS" ? Say{"220 go\r\n250-injected\r\n250 AUTH PLAIN\r\n"} : Say{};
  });
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_NE(reply.error, IoError::kNone);
  EXPECT_EQ(reply.stage, MailStage::kTls);
  expect_no_secret_in_the_clear(server);
}

TEST(MailTls, RefusesACertificateThatIsNotTrusted) {
  for (const Tls tls : {Tls::kStartTls, Tls::kImplicit}) {
    const MailServer server(tls);
    const auto engine = start_engine(loopback_options());
    auto request = start_tls(server);
    request.security = tls == Tls::kImplicit ? MailSecurity::kImplicitTls : MailSecurity::kStartTls;
    const auto reply = mail(*engine, std::move(request));
    EXPECT_EQ(reply.error, IoError::kCertificate) << reply.reason;
    EXPECT_EQ(reply.stage, MailStage::kTls);
    EXPECT_EQ(reply.reason, "the certificate is self-signed");
    expect_no_secret_in_the_clear(server);
  }
}

TEST(MailTls, RefusesACertificateForAnotherName) {
  const MailServer server(Tls::kStartTls, &usual, {"AUTH PLAIN"}, "DNS:mail.example.com");
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_EQ(reply.error, IoError::kCertificate);
  EXPECT_EQ(reply.reason, "the certificate is for another name");
  expect_no_secret_in_the_clear(server);
}

TEST(MailTls, CallsAPeerWithoutTlsAHandshakeThatFailed) {
  const MailServer server(Tls::kNone);
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, with_password(mail_to(server, {"a@x.test"}, MailSecurity::kImplicitTls)));
  EXPECT_EQ(reply.error, IoError::kTls) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kTls);
}

TEST(MailTls, SendsNoMailAsNobodyWhereNoAuthenticationIsOffered) {
  for (const std::vector<std::string>& offers :
       {std::vector<std::string>{"SIZE 1000"}, std::vector<std::string>{"AUTH=PLAIN LOGIN"},
        std::vector<std::string>{"AUTH CRAM-MD5 DIGEST-MD5"}, std::vector<std::string>{"AUTH XOAUTH2"}}) {
    const MailServer server(Tls::kStartTls, &usual, offers);
    const auto engine = start_engine(mail_options(server));
    const auto reply = mail(*engine, start_tls(server));
    EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
    EXPECT_EQ(reply.stage, MailStage::kAuth) << offers[0];
    EXPECT_EQ(reply.reply.code, 0);
    EXPECT_EQ(reply.recipients.at(1).stage, MailStage::kAuth);
    EXPECT_THAT(server.lines(), Not(HasSubstr("MAIL")));
    EXPECT_THAT(server.lines(), Not(HasSubstr("AUTH")));
  }
}

TEST(MailTls, AuthenticatesWithLoginWherePlainIsMissing) {
  const MailServer server(Tls::kStartTls, &usual, {"AUTH LOGIN CRAM-MD5"});
  const auto engine = start_engine(mail_options(server));
  EXPECT_EQ(mail(*engine, start_tls(server)).stage, MailStage::kDone);
  EXPECT_THAT(server.lines(), HasSubstr("AUTH LOGIN|YWxpY2U=|cGE1NXdvcmQ=|MAIL"));
}

TEST(MailTls, TellsARefusedPasswordFromAServerThatCannotSayYet) {
  for (const auto& [line, code] :
       {std::pair{"535 5.7.8 bad credentials\r\n", 535}, std::pair{"454 4.7.0 temporary failure\r\n", 454}}) {
    const MailServer server(
        Tls::kStartTls, [line = line](const Heard& heard) { return heard.credentials ? Say{line} : Say{}; });
    const auto engine = start_engine(mail_options(server));
    const auto reply = mail(*engine, start_tls(server));
    EXPECT_EQ(reply.error, IoError::kNone);
    EXPECT_EQ(reply.stage, MailStage::kAuth);
    EXPECT_EQ(reply.reply.code, code);
    EXPECT_THAT(server.lines(), Not(HasSubstr("MAIL")));
  }
}

TEST(MailTls, AuthenticatesWithABearerToken) {
  const MailServer server(Tls::kStartTls, &usual, {"AUTH PLAIN LOGIN XOAUTH2"});
  const auto engine = start_engine(mail_options(server));
  auto request = start_tls(server);
  request.auth = MailAuth::kXoauth2;
  EXPECT_EQ(mail(*engine, request).stage, MailStage::kDone);
  EXPECT_THAT(server.lines(), HasSubstr("AUTH XOAUTH2|dXNlcj1hbGljZQFhdXRoPUJlYXJlciBwYTU1d29yZAEB|MAIL"));
}

TEST(MailTls, TakesTheChallengeAfterABearerTokenForARefusal) {
  const MailServer server(
      Tls::kStartTls,
      [](const Heard& heard) { return heard.credentials ? Say{"334 eyJzdGF0dXMiOiI0MDAifQ==\r\n"} : Say{}; },
      {"AUTH XOAUTH2"});
  const auto engine = start_engine(mail_options(server));
  auto request = start_tls(server);
  request.auth = MailAuth::kXoauth2;
  const auto reply = mail(*engine, request);
  EXPECT_EQ(reply.stage, MailStage::kAuth);
  EXPECT_EQ(reply.reply.code, 535);
  EXPECT_THAT(server.lines(), Not(HasSubstr("MAIL")));
}

TEST(MailTls, VerifiesWithoutAMail) {
  const MailServer server(Tls::kStartTls);
  const auto engine = start_engine(mail_options(server));
  auto request = start_tls(server);
  request.verify_only = true;
  request.recipients.clear();
  request.bytes.clear();
  request.envelope_from.clear();
  const auto reply = mail(*engine, request);
  EXPECT_EQ(reply.stage, MailStage::kDone) << reply.reason;
  EXPECT_EQ(reply.reply.code, 235);
  EXPECT_FALSE(reply.content_sent);
  EXPECT_TRUE(reply.recipients.empty());
  request.password = "other";
  EXPECT_EQ(mail(*engine, request).stage, MailStage::kDone);
  EXPECT_EQ(server.connections(), 2) << "each connection test connects";
  EXPECT_THAT(server.lines(), Not(HasSubstr("MAIL")));
}

TEST(MailTls, SaysAGreetingThatIsARefusal) {
  const MailServer server(Tls::kStartTls, [](const Heard& heard) {
    return heard.line == "<greeting>" ? Say{"554 5.3.2 no SMTP service here\r\n"} : Say{};
  });
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, start_tls(server));
  EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kConnect);
  EXPECT_EQ(reply.reply.code, 554);
  EXPECT_EQ(reply.reply.enhanced, "5.3.2");
}

TEST(MailTls, ConnectsToNoAddressThatThePolicyRefuses) {
  const MailServer server;
  const auto refused = [](EgressOptions options, MailRequest request, const char* reason) {
    const auto engine = start_engine(std::move(options));
    const auto reply = mail(*engine, std::move(request));
    EXPECT_EQ(reply.error, IoError::kBlocked);
    EXPECT_THAT(reply.reason, HasSubstr(reason));
    EXPECT_EQ(reply.recipients.size(), 1U);
  };
  auto options = mail_options(server);
  options.policy = {};
  refused(options, mail_to(server), "loopback");
  auto request = mail_to(server);
  request.server = "169.254.169.254";
  refused(mail_options(server), request, "cloud metadata");
  request.server = "localhost";
  refused(mail_options(server), request, "no domain");
  request.server = "mail.example.com";
  refused(mail_options(server), request, "port");
  options = mail_options(server);
  options.mail_without_tls = false;
  refused(options, mail_to(server), "mail without TLS is not allowed");
  EXPECT_EQ(server.connections(), 0);
}

TEST(MailTls, HasNoIdleConnectionLeftUnderANewPolicy) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  EXPECT_EQ(mail(*engine, mail_to(server)).stage, MailStage::kDone);
  auto options = mail_options(server);
  options.policy = {};
  engine->reconfigure(options);
  EXPECT_EQ(mail(*engine, mail_to(server)).error, IoError::kBlocked);
  EXPECT_EQ(server.messages().size(), 1U);
}

TEST(MailTls, AsksThePolicyAgainBeforeTheFirstWord) {
  std::promise<void> connected, answer;
  auto may_answer = answer.get_future().share();
  const MailServer server(Tls::kNone, [&](const Heard& heard) {
    if (heard.line == "<greeting>") {
      connected.set_value();
      may_answer.wait();
    }
    return Say{};
  });
  const auto engine = start_engine(mail_options(server));
  auto reply = send_mail(*engine, mail_to(server));
  connected.get_future().wait();
  engine->reconfigure(EgressOptions{});
  EXPECT_EQ(mail(*engine, mail_to(server)).error, IoError::kBlocked);  // it is in force
  answer.set_value();
  EXPECT_EQ(reply.get().error, IoError::kBlocked);
  EXPECT_EQ(server.lines(), "");
}

}  // namespace
}  // namespace tocsin::net::tests
