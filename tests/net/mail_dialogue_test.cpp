// The dialogue without a socket: replies put together from lines, and what follows from each, over a table of
// real servers' replies.
#include "net/mail_dialogue.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

#include "corpus.hpp"

namespace tocsin::net {
namespace {

using Got = SmtpReplyReader::Got;
using Step = MailDialogue::Step;

SmtpReply read(std::initializer_list<std::string_view> lines) {
  SmtpReplyReader reader;
  Got got = Got::kMore;
  for (const auto line : lines) got = reader.take_line(line);
  EXPECT_EQ(got, Got::kReply);
  return reader.take_reply();
}

TEST(SmtpReplyReader, PutsLinesTogetherAndTakesTheCodesOut) {
  struct Case {
    std::initializer_list<std::string_view> lines;
    int code;
    std::string enhanced, text;
  };
  for (const Case& each :
       {Case{{"250 2.1.0 ok"}, 250, "2.1.0", "ok"}, Case{{"250"}, 250, "", ""}, Case{{"250 "}, 250, "", ""},
        Case{{"550-5.1.1 no", "550 5.1.1 user"}, 550, "5.1.1", "no\nuser"},
        Case{{"550-5.1.1 no", "450 later"}, 450, "5.1.1", "no\nlater"},  // the last counts
        Case{{"550 5.1.10"}, 550, "5.1.10", ""}, Case{{"550 5.1. no"}, 550, "", "5.1. no"},
        Case{{"550 5.1.1000 no"}, 550, "", "5.1.1000 no"}, Case{{"550 1.2.3 no"}, 550, "", "1.2.3 no"},
        Case{{"550 5.1.1x"}, 550, "", "5.1.1x"}}) {
    const SmtpReply reply = read(each.lines);
    EXPECT_EQ(reply.code, each.code);
    EXPECT_EQ(reply.enhanced, each.enhanced);
    EXPECT_EQ(reply.text, each.text);
  }
}

TEST(SmtpReplyReader, RefusesWhatIsNoReply) {
  for (const std::string& line :
       {std::string(), std::string("25"), std::string("2x0 ok"), std::string("650 ok"), std::string("150 ok"),
        std::string("250_ok"), std::string("HTTP/1.1 200"), "250 " + std::string(2'048, 'x')}) {
    EXPECT_EQ(SmtpReplyReader().take_line(line), Got::kFault) << line.substr(0, 20);
  }
}

TEST(SmtpReplyReader, BoundsWhatItKeeps) {
  SmtpReplyReader reader;
  for (int i = 0; i < 128; ++i) ASSERT_EQ(reader.take_line("250-" + std::string(500, 'x')), Got::kMore);
  EXPECT_EQ(reader.take_line("250 end"), Got::kFault);
  EXPECT_LE(reader.take_reply().text.size(), 1'024U);
}

MailRequest request_for(std::vector<std::string> recipients) {
  MailRequest request;
  request.envelope_from = "f@x";
  request.recipients = std::move(recipients);
  request.bytes = "m\r\n";
  return request;
}

// Leads a dialogue for one recipient to `stage`, where `reply` then comes.
MailReply reply_at(const std::string& stage, const SmtpReply& reply) {
  const MailRequest request = request_for({"a@x"});
  MailDialogue dialogue;
  static_cast<void>(dialogue.begin(request, {}, false));
  for (const char* const before : {"mail", "rcpt", "data"}) {
    if (stage == before) break;
    static_cast<void>(dialogue.take_reply({std::string(before) == "data" ? 354 : 250, "", ""}));
  }
  static_cast<void>(dialogue.take_reply(reply));
  MailReply out;
  dialogue.report(out);
  return out;
}

TEST(MailDialogue, GivesEachReplyOfTheTableToItsStage) {
  const auto corpus = tocsin::tests::load_corpus("smtp_replies.json");
  int checked = 0;
  for (const auto& each : corpus.at("cases").as_array()) {
    const std::string stage(each.at("stage").as_string());
    const MailStage stages[] = {MailStage::kMail, MailStage::kRcpt, MailStage::kData, MailStage::kDot};
    const auto* const names = "mail rcpt data post";
    const auto at = std::string(names).find(stage.substr(0, 4));
    if (at == std::string::npos || each.at("code").is_null()) continue;
    const int code = static_cast<int>(each.at("code").as_int64());
    const SmtpReply reply = read({std::string_view(each.at("reply").as_string())});
    EXPECT_EQ(reply.code, code);
    EXPECT_EQ(reply.enhanced, each.at("enhanced").is_null() ? "" : each.at("enhanced").as_string().c_str());
    if (code < 400 && stage != "post_data") continue;  // goes on
    const MailReply out = reply_at(stage, reply);
    EXPECT_EQ(out.stage, code < 400 ? MailStage::kDone : stages[at / 5]) << stage << ' ' << reply.text;
    EXPECT_EQ(out.recipients.at(0).reply.code, code);
    ++checked;
  }
  EXPECT_GE(checked, 23);
}

TEST(MailDialogue, TakesAnyPositiveReply) {
  const MailRequest request = request_for({"a@x"});
  MailDialogue dialogue;
  EXPECT_EQ(dialogue.begin(request, {}, false), Step::kCommand);
  EXPECT_EQ(dialogue.take_reply({250, "", ""}), Step::kCommand);
  EXPECT_EQ(dialogue.take_reply({252, "", ""}), Step::kCommand);
  EXPECT_EQ(dialogue.take_reply({354, "", ""}), Step::kContent);
  EXPECT_EQ(dialogue.take_reply({251, "", ""}), Step::kOver);
  MailReply out;
  dialogue.report(out);
  EXPECT_EQ(out.stage, MailStage::kDone);
}

TEST(MailDialogue, ResetsBetweenARefusalAndTheNext) {
  const MailRequest request = request_for({"a@x", "b@x"});
  MailDialogue dialogue;
  static_cast<void>(dialogue.begin(request, {}, false));
  static_cast<void>(dialogue.take_reply({250, "", ""}));
  EXPECT_EQ(dialogue.take_reply({550, "", ""}), Step::kCommand);
  EXPECT_EQ(dialogue.command(), "RSET\r\n");
  EXPECT_EQ(dialogue.take_reply({250, "", ""}), Step::kCommand);
  EXPECT_EQ(dialogue.command(), "MAIL FROM:<f@x>\r\n");
}

TEST(MailDialogue, TakesNoMessageForTakenBeforeItWasSent) {
  const MailRequest request = request_for({"a@x", "b@x"});
  MailDialogue dialogue;
  static_cast<void>(dialogue.begin(request, {}, false));
  for (const int code : {250, 250, 354}) static_cast<void>(dialogue.take_reply({code, "", ""}));
  EXPECT_FALSE(dialogue.take_early_reply({250, "", ""}));
  EXPECT_TRUE(dialogue.take_early_reply({552, "5.3.4", "too big"}));
  MailReply out;
  dialogue.report(out);
  EXPECT_EQ(out.recipients.at(0).stage, MailStage::kDot);
  EXPECT_EQ(out.recipients.at(1).stage, MailStage::kMail);
}

TEST(MailHandshake, CountsNoOfferThatWasMadeInTheClear) {
  MailHandshake handshake;
  handshake.begin(MailSecurity::kStartTls, MailAuth::kPassword);
  for (const char* const line :
       {"220 hi", "250-mx", "250-SIZE 1", "250-SMTPUTF8", "250 STARTTLS", "220 go"}) {
    EXPECT_TRUE(handshake.take_line(line));
  }
  EXPECT_EQ(handshake.stage(), MailStage::kTls);
  EXPECT_TRUE(handshake.take_line("250 mx"));
  EXPECT_FALSE(handshake.offers().size);
  EXPECT_FALSE(handshake.offers().smtputf8);
  EXPECT_EQ(handshake.stage(), MailStage::kAuth);
  EXPECT_TRUE(handshake.take_line("334 "));
  EXPECT_TRUE(handshake.take_line("235 ok"));
  EXPECT_EQ(handshake.stage(), MailStage::kMail);
}

TEST(MailHandshake, GoesOnWithHeloWhereEhloIsUnknown) {
  MailHandshake handshake;
  handshake.begin(MailSecurity::kClear, MailAuth::kNone);
  for (const char* const line : {"220 hi", "502 what", "250 mx"}) EXPECT_TRUE(handshake.take_line(line));
  EXPECT_EQ(handshake.stage(), MailStage::kMail);
  EXPECT_EQ(handshake.refusal().code, 0);
}

TEST(MailHandshake, GivesUpOnEndlessLines) {
  MailHandshake handshake;
  handshake.begin(MailSecurity::kClear, MailAuth::kNone);
  int taken = 0;
  while (taken < 10'000 && handshake.take_line("220-hi")) ++taken;
  EXPECT_LT(taken, 1'000);
}

}  // namespace
}  // namespace tocsin::net
