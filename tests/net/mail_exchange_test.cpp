// Mails over a real socket: what the server hears, and what each recipient's answer becomes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "net/mail_fixture.hpp"

namespace tocsin::net::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// Answers a line that begins with `line` with `bytes`.
MailServer::Handler answering(std::string line, Say say) {
  return [line = std::move(line), say = std::move(say)](const Heard& heard) {
    return heard.line.starts_with(line) ? say : Say{};
  };
}

TEST(MailExchange, SaysWhatAMailNeedsAndNoMore) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server));
  EXPECT_EQ(reply.error, IoError::kNone) << reply.reason;
  EXPECT_EQ(reply.stage, MailStage::kDone);
  EXPECT_EQ(reply.reply.code, 250);
  EXPECT_EQ(reply.reply.enhanced, "2.0.0");
  EXPECT_EQ(reply.reply.text, "queued as 123");
  EXPECT_TRUE(reply.content_sent);
  EXPECT_EQ(reply.remote_address, "127.0.0.1:" + std::to_string(server.port()));
  ASSERT_EQ(reply.recipients.size(), 1U);
  EXPECT_EQ(reply.recipients[0].stage, MailStage::kDone);
  EXPECT_EQ(server.lines(),
            "EHLO tocsin.test|MAIL FROM:<alerts@x.test> SIZE=21|RCPT TO:<bob@x.test>|DATA|<message>");
  EXPECT_THAT(server.messages(), ElementsAre("Subject: hi\r\n\r\nbody"));
}

TEST(MailExchange, SendsEachRecipientAMailOfItsOwnOnOneConnection) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server, {"a@x.test", "b@x.test", "c@x.test"}));
  EXPECT_EQ(reply.stage, MailStage::kDone);
  EXPECT_EQ(server.messages().size(), 3U);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(server.lines(), Not(HasSubstr("RCPT TO:<a@x.test>|RCPT")));
}

TEST(MailExchange, GoesOnWithTheOthersWhereOneIsRefused) {
  const MailServer server(MailServer::Tls::kNone, [](const Heard& heard) {
    if (heard.line == "RCPT TO:<no@x.test>") return Say{"550-5.1.1 no such\r\n550 5.1.1 user\r\n"};
    if (heard.line == "RCPT TO:<grey@x.test>") return Say{"451 4.7.1 greylisted, try in 300 s\r\n"};
    return Say{};
  });
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server, {"a@x.test", "no@x.test", "grey@x.test", "b@x.test"}));
  EXPECT_EQ(reply.error, IoError::kNone);
  EXPECT_EQ(reply.stage, MailStage::kDone);
  ASSERT_EQ(reply.recipients.size(), 4U);
  EXPECT_EQ(reply.recipients[0].stage, MailStage::kDone);
  EXPECT_EQ(reply.recipients[1].stage, MailStage::kRcpt);
  EXPECT_EQ(reply.recipients[1].reply.code, 550);
  EXPECT_EQ(reply.recipients[1].reply.enhanced, "5.1.1");
  EXPECT_EQ(reply.recipients[1].reply.text, "no such\nuser");
  EXPECT_EQ(reply.recipients[2].reply.code, 451);
  EXPECT_EQ(reply.recipients[3].stage, MailStage::kDone);
  EXPECT_EQ(server.messages().size(), 2U);
  EXPECT_EQ(server.connections(), 1);
}

TEST(MailExchange, SaysThatEveryRecipientWasRefused) {
  const MailServer server(MailServer::Tls::kNone, answering("RCPT", {"550 5.1.1 no\r\n"}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server, {"a@x.test", "b@x.test"}));
  EXPECT_EQ(reply.error, IoError::kNone);
  EXPECT_EQ(reply.stage, MailStage::kRcpt);
  EXPECT_EQ(reply.reply.code, 550);
  EXPECT_FALSE(reply.content_sent);
}

TEST(MailExchange, AsksNoFurtherWhereTheSenderIsRefused) {
  const MailServer server(MailServer::Tls::kNone, answering("MAIL", {"553 5.1.8 unknown domain\r\n"}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server, {"a@x.test", "b@x.test"}));
  EXPECT_EQ(reply.stage, MailStage::kMail);
  EXPECT_EQ(reply.recipients.at(1).reply.code, 553);
  EXPECT_THAT(server.lines(), Not(HasSubstr("RCPT")));
}

TEST(MailExchange, StopsAtA421AndLeavesTheRestUntouched) {
  const MailServer server(MailServer::Tls::kNone, answering("RCPT TO:<b@", {"421 4.3.2 closing\r\n", true}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server, {"a@x.test", "b@x.test", "c@x.test"}));
  EXPECT_EQ(reply.stage, MailStage::kDone);
  EXPECT_EQ(reply.recipients.at(0).stage, MailStage::kDone);
  EXPECT_EQ(reply.recipients.at(1).stage, MailStage::kRcpt);
  EXPECT_EQ(reply.recipients.at(1).reply.code, 421);
  EXPECT_EQ(reply.recipients.at(2).stage, MailStage::kMail);
  EXPECT_EQ(reply.recipients.at(2).reply.code, 421);
}

TEST(MailExchange, KnowsNotWhetherAMessageWasTakenWhoseAnswerIsMissing) {
  for (const bool after : {false, true}) {
    const MailServer server(MailServer::Tls::kNone,
                            answering("<message>", after ? Say{"", true} : Say{MailServer::kSilence}));
    const auto engine = start_engine(mail_options(server));
    auto request = mail_to(server, {"a@x.test", "b@x.test"});
    request.timeout_ms = 400;
    const auto reply = mail(*engine, std::move(request));
    EXPECT_EQ(reply.error, after ? IoError::kClosed : IoError::kTimeout) << reply.reason;
    EXPECT_EQ(reply.stage, MailStage::kDot);
    EXPECT_EQ(reply.reply.code, 0);
    EXPECT_TRUE(reply.content_sent);
    EXPECT_EQ(reply.recipients.at(0).stage, MailStage::kDot);
    EXPECT_EQ(reply.recipients.at(0).reply.code, 0);
    EXPECT_EQ(reply.recipients.at(1).stage, MailStage::kMail);
  }
}

TEST(MailExchange, KnowsThatNothingLeftWhereDataWasNotAnswered) {
  const MailServer server(MailServer::Tls::kNone, answering("DATA", {"", true}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server));
  EXPECT_EQ(reply.error, IoError::kClosed);
  EXPECT_EQ(reply.stage, MailStage::kData);
  EXPECT_FALSE(reply.content_sent);
}

TEST(MailExchange, TakesTheRefusalOfAMessage) {
  const MailServer server(MailServer::Tls::kNone, answering("<message>", {"554 5.6.0 no\r\n"}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server));
  EXPECT_EQ(reply.error, IoError::kNone);
  EXPECT_EQ(reply.stage, MailStage::kDot);
  EXPECT_EQ(reply.recipients.at(0).reply.code, 554);
}

TEST(MailExchange, DoublesDotsAndEndsTheLastLine) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  auto request = mail_to(server);
  request.bytes = ".\r\n..\r\n.a\r\nb.\r\n.";
  EXPECT_EQ(mail(*engine, std::move(request)).stage, MailStage::kDone);
  EXPECT_THAT(server.messages(), ElementsAre("..\r\n...\r\n..a\r\nb.\r\n.."));
}

TEST(MailExchange, SendsALargeMessageWhole) {
  const MailServer server(MailServer::Tls::kStartTls);
  const auto engine = start_engine(mail_options(server));
  auto request = mail_to(server, {"a@x.test"}, MailSecurity::kStartTls);
  for (int i = 0; i < 80'000; ++i)
    request.bytes += ".line " + std::to_string(i) + std::string(70, 'x') + "\r\n";
  const std::string sent = request.bytes;
  EXPECT_EQ(mail(*engine, std::move(request)).stage, MailStage::kDone);
  std::string stuffed = sent;
  end_with_dot(stuffed);
  const std::string got = server.messages().at(0) + "\r\n.\r\n";
  EXPECT_TRUE(got == stuffed);
}

TEST(MailExchange, UsesAConnectionAgainForTheSameSenderOnly) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  const auto request = with_password(mail_to(server));
  EXPECT_EQ(mail(*engine, request).stage, MailStage::kDone);
  EXPECT_EQ(mail(*engine, request).stage, MailStage::kDone);
  EXPECT_EQ(server.connections(), 1);
  auto other_pool = request;
  other_pool.pool = 2;
  EXPECT_EQ(mail(*engine, other_pool).stage, MailStage::kDone);
  auto other_password = request;
  other_password.password = "other";
  EXPECT_EQ(mail(*engine, other_password).stage, MailStage::kDone);
  EXPECT_EQ(server.connections(), 3);
}

TEST(MailExchange, BeginsAnewAfterATransactionThatWasBrokenOff) {
  const MailServer server(MailServer::Tls::kNone, answering("RCPT TO:<no@", {"550 no\r\n"}));
  const auto engine = start_engine(mail_options(server));
  EXPECT_EQ(mail(*engine, mail_to(server, {"no@x.test"})).stage, MailStage::kRcpt);
  EXPECT_EQ(mail(*engine, mail_to(server, {"a@x.test"})).stage, MailStage::kDone);
  EXPECT_EQ(server.connections(), 1);
  EXPECT_THAT(server.lines(), HasSubstr("RCPT TO:<no@x.test>|RSET|MAIL"));
}

TEST(MailExchange, ConnectsAgainWhereAnIdleConnectionHasDied) {
  for (const Say& end : {Say{"", true}, Say{"421 4.4.2 idle too long\r\n", true}}) {
    std::atomic<int> seen = 0;  // each connection has a thread of its own
    const MailServer server(MailServer::Tls::kNone, [&](const Heard& heard) {
      return heard.line.starts_with("MAIL") && ++seen == 2 ? end : Say{};
    });
    const auto engine = start_engine(mail_options(server));
    EXPECT_EQ(mail(*engine, mail_to(server)).stage, MailStage::kDone);
    EXPECT_EQ(mail(*engine, mail_to(server)).stage, MailStage::kDone);
    EXPECT_EQ(server.connections(), 2);
  }
}

TEST(MailExchange, RefusesWhatCouldBreakTheDialogueBeforeItConnects) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  const auto refused = [&](const std::function<void(MailRequest&)>& change) {
    auto request = with_password(mail_to(server));
    change(request);
    const auto reply = mail(*engine, std::move(request));
    EXPECT_EQ(reply.error, IoError::kInvalid);
    EXPECT_NE(reply.reason, "");
  };
  refused([](MailRequest& r) { r.recipients = {"b@x>\r\nRCPT TO:<evil@x"}; });
  refused([](MailRequest& r) { r.recipients = {"a@x.test,b@x.test"}; });
  refused([](MailRequest& r) { r.recipients = {"a@x.test", ""}; });
  refused([](MailRequest& r) { r.recipients.clear(); });
  refused([](MailRequest& r) { r.recipients.assign(101, "a@x.test"); });
  refused([](MailRequest& r) { r.envelope_from = "a@x\r\n"; });
  refused([](MailRequest& r) { r.envelope_from = std::string(255, 'a'); });
  refused([](MailRequest& r) { r.ehlo = "x\r\nMAIL FROM:<>"; });
  refused([](MailRequest& r) { r.ehlo = "x/../y"; });
  refused([](MailRequest& r) { r.user = std::string("a\0b", 3); });
  refused([](MailRequest& r) { r.user = "a\001auth=Bearer x"; });
  refused([](MailRequest& r) { r.password = "p\r\n"; });
  refused([](MailRequest& r) { r.server = "127.0.0.1/x"; });
  refused([](MailRequest& r) { r.server = "user@127.0.0.1"; });
  refused([](MailRequest& r) { r.bytes = "a\n.\nMAIL FROM:<e@x>\n"; });
  refused([](MailRequest& r) { r.bytes = "a\r.\rb\r\n"; });
  refused([](MailRequest& r) { r.bytes = std::string(999, 'a') + "\r\n"; });
  refused([](MailRequest& r) { r.bytes = std::string((25 << 20) + 1, 'a'); });
  refused([](MailRequest& r) { r.bytes.clear(); });
  EXPECT_EQ(server.connections(), 0);
}

TEST(MailExchange, GivesUpOnAServerThatAnswersWithoutEnd) {
  std::string flood, lines;
  for (int i = 0; i < 20'000; ++i) lines += "250-and another thing\r\n";
  flood = "250 " + std::string(200'000, 'x') + "\r\n";
  for (const std::string& line : {std::string("EHLO"), std::string("RCPT"), std::string("<greeting>")}) {
    for (const std::string& bytes : {lines, flood}) {
      const std::string start = line == "<greeting>" ? "220-hi\r\n" : "";
      const MailServer server(MailServer::Tls::kNone, answering(line, {start + bytes}));
      const auto engine = start_engine(mail_options(server));
      auto request = mail_to(server);
      request.timeout_ms = 5'000;
      const auto reply = mail(*engine, std::move(request));
      // libcurl gives up by itself where its own buffer is full, and calls that a broken connection.
      EXPECT_TRUE(reply.error == IoError::kProtocol || (line != "RCPT" && reply.error == IoError::kClosed))
          << line << ": " << reply.reason;
      EXPECT_FALSE(reply.content_sent);
    }
  }
}

TEST(MailExchange, TakesNoAnswerThatItDidNotAskFor) {
  const MailServer server(MailServer::Tls::kNone, answering("RCPT", {"250 ok\r\n354 go\r\n250 done\r\n"}));
  const auto engine = start_engine(mail_options(server));
  const auto reply = mail(*engine, mail_to(server));
  EXPECT_EQ(reply.error, IoError::kProtocol);
  EXPECT_FALSE(reply.content_sent);
}

TEST(MailExchange, SendsAddressesOutsideAsciiOnlyWhereTheServerTakesThem) {
  const MailServer plain;
  auto engine = start_engine(mail_options(plain));
  auto reply = mail(*engine, mail_to(plain, {"b\xC3\xBC@x.test", "a@x.test"}));
  EXPECT_EQ(reply.recipients.at(0).reply.enhanced, "5.6.7");
  EXPECT_EQ(reply.recipients.at(1).stage, MailStage::kDone);
  const MailServer modern(MailServer::Tls::kNone, [](const Heard&) { return Say{}; }, {"SMTPUTF8"});
  engine = start_engine(mail_options(modern));
  reply = mail(*engine, mail_to(modern, {"b\xC3\xBC@x.test"}));
  EXPECT_EQ(reply.stage, MailStage::kDone);
  EXPECT_THAT(modern.lines(), HasSubstr("MAIL FROM:<alerts@x.test> SMTPUTF8|"));
}

TEST(MailExchange, KeepsItsTimeWithASlowServer) {
  for (const std::string line : {"<greeting>", "EHLO", "MAIL", "RCPT", "DATA"}) {
    const MailServer server(MailServer::Tls::kNone, answering(line, {MailServer::kSilence}));
    const auto engine = start_engine(mail_options(server));
    auto request = mail_to(server);
    request.timeout_ms = 300;
    const auto reply = mail(*engine, std::move(request));
    EXPECT_EQ(reply.error, IoError::kTimeout) << line << ": " << reply.reason;
    EXPECT_FALSE(reply.content_sent);
  }
}

TEST(MailExchange, SaysThatNobodyListens) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  auto request = mail_to(server);
  request.port = closed_port();
  const auto reply = mail(*engine, std::move(request));
  EXPECT_EQ(reply.error, IoError::kConnect);
  EXPECT_EQ(reply.reason, "connection refused");
  EXPECT_EQ(reply.stage, MailStage::kConnect);
  EXPECT_EQ(reply.recipients.at(0).stage, MailStage::kConnect);
}

TEST(MailExchange, AnswersEveryMailWhenItStops) {
  const MailServer server(MailServer::Tls::kNone, answering("RCPT", {MailServer::kSilence}));
  const auto engine = start_engine(mail_options(server));
  std::vector<std::future<MailReply>> replies;
  for (int i = 0; i < 20; ++i) replies.push_back(send_mail(*engine, mail_to(server)));
  engine->stop();
  replies.push_back(send_mail(*engine, mail_to(server)));
  for (auto& reply : replies) EXPECT_EQ(reply.get().error, IoError::kCancelled);
}

TEST(MailExchange, CarriesManyMailsOfManySendersAtOnce) {
  const MailServer server;
  const auto engine = start_engine(mail_options(server));
  std::vector<std::future<MailReply>> replies;
  for (std::uint64_t i = 0; i < 300; ++i) {
    auto request = mail_to(server, {"a" + std::to_string(i) + "@x.test"});
    request.pool = i % 6;
    replies.push_back(send_mail(*engine, std::move(request)));
  }
  for (auto& reply : replies) EXPECT_EQ(reply.get().stage, MailStage::kDone);
  EXPECT_EQ(server.messages().size(), 300U);
  EXPECT_LE(server.connections(), 6 * 8);
}

}  // namespace
}  // namespace tocsin::net::tests
