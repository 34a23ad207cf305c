// The channel as the host sees it: what each answer of a mail server means, and who gets the mail again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "corpus.hpp"
#include "plugins/smtp/mail_fixture.hpp"
#include "smtp/progress.hpp"
#include "smtp/reply.hpp"

namespace {

using namespace smtp_tests;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::smtp_answer;
using tocsin::testing::mail_reply;

int expected_status(std::string_view corpus_class) {
  if (corpus_class == "success") return TOCSIN_DELIVERED;
  if (corpus_class == "permanent_recipient") return TOCSIN_UNREACHABLE;
  if (corpus_class == "permanent_message") return TOCSIN_REJECTED;
  if (corpus_class == "permanent_config") return TOCSIN_MISCONFIGURED;
  if (corpus_class == "throttle") return TOCSIN_RATE_LIMITED;
  if (corpus_class == "ambiguous") return TOCSIN_UNCERTAIN;
  return corpus_class == "transient" || corpus_class == "retry_limited" || corpus_class == "split"
             ? TOCSIN_RETRY
             : 0;
}

std::uint32_t stage_of(std::string_view name) {
  static const std::map<std::string_view, std::uint32_t> kStages{
      {"banner", TOCSIN_SMTP_AT_CONNECT}, {"ehlo", TOCSIN_SMTP_AT_EHLO}, {"tls", TOCSIN_SMTP_AT_TLS},
      {"starttls", TOCSIN_SMTP_AT_TLS},   {"auth", TOCSIN_SMTP_AT_AUTH}, {"mail", TOCSIN_SMTP_AT_MAIL},
      {"rcpt", TOCSIN_SMTP_AT_RCPT},      {"data", TOCSIN_SMTP_AT_DATA}, {"post_data", TOCSIN_SMTP_AT_DOT},
      {"any", TOCSIN_SMTP_AT_MAIL}};
  return kStages.at(name);
}

TEST(SmtpReply, AgreesWithTheCorpus) {
  const auto corpus = tocsin::tests::load_corpus("smtp_replies.json");
  int rows = 0;
  for (const auto& row : corpus.at("cases").as_array()) {
    const std::string_view kind = row.at("class").as_string();
    if (kind == "ok") continue;  // the dialogue goes on
    ++rows;
    const std::string_view reply = row.at("reply").as_string();
    smtp_answer answer{"ops@example.com", 0, stage_of(row.at("stage").as_string()), {}, reply};
    if (row.at("code").is_int64()) answer.code = static_cast<int>(row.at("code").as_int64());
    if (row.at("enhanced").is_string()) answer.enhanced = row.at("enhanced").as_string();
    std::uint32_t io_error = TOCSIN_IO_OK;
    bool sent = answer.stage == TOCSIN_SMTP_AT_DOT;
    if (kind == "success") answer.stage = TOCSIN_SMTP_DONE;
    if (reply.starts_with("250 without STARTTLS")) answer.stage = TOCSIN_SMTP_AT_TLS, answer.code = 0;
    if (reply.starts_with("certificate")) io_error = TOCSIN_IO_CERTIFICATE;
    if (reply.starts_with("connection dropped")) io_error = TOCSIN_IO_CLOSED;
    EXPECT_EQ(smtp::judge(io_error, sent, answer).status, expected_status(kind)) << row;
  }
  EXPECT_GE(rows, 30);
}

TEST(SmtpReply, MeansWhatTheTableSays) {
  struct Row {
    std::uint32_t stage;
    int code;
    const char* enhanced;
    int status;
    const char* word;
  };
  const Row rows[] = {
      {TOCSIN_SMTP_DONE, 250, "2.0.0", TOCSIN_DELIVERED, ""},
      {TOCSIN_SMTP_DONE, 250, "", TOCSIN_DELIVERED, ""},
      {TOCSIN_SMTP_AT_CONNECT, 421, "", TOCSIN_RETRY, "unavailable"},
      {TOCSIN_SMTP_AT_CONNECT, 554, "", TOCSIN_RETRY, "unavailable"},
      {TOCSIN_SMTP_AT_EHLO, 501, "", TOCSIN_MISCONFIGURED, "greeting_refused"},
      {TOCSIN_SMTP_AT_EHLO, 421, "", TOCSIN_RETRY, "unavailable"},
      {TOCSIN_SMTP_AT_TLS, 0, "", TOCSIN_MISCONFIGURED, "no_tls"},
      {TOCSIN_SMTP_AT_TLS, 454, "4.7.0", TOCSIN_RETRY, "tls_later"},
      {TOCSIN_SMTP_AT_TLS, 502, "", TOCSIN_MISCONFIGURED, "no_tls"},
      {TOCSIN_SMTP_AT_AUTH, 0, "", TOCSIN_MISCONFIGURED, "no_sign_in"},
      {TOCSIN_SMTP_AT_AUTH, 535, "", TOCSIN_MISCONFIGURED, "sign_in_refused"},
      {TOCSIN_SMTP_AT_AUTH, 535, "5.7.3", TOCSIN_MISCONFIGURED, "sign_in_needed"},
      {TOCSIN_SMTP_AT_AUTH, 550, "5.7.30", TOCSIN_MISCONFIGURED, "oauth_needed"},
      {TOCSIN_SMTP_AT_AUTH, 432, "4.3.2", TOCSIN_RATE_LIMITED, "connections"},
      {TOCSIN_SMTP_AT_AUTH, 421, "", TOCSIN_RETRY, "sign_in_later"},
      {TOCSIN_SMTP_AT_MAIL, 550, "", TOCSIN_MISCONFIGURED, "sender_refused"},
      {TOCSIN_SMTP_AT_MAIL, 550, "5.7.60", TOCSIN_MISCONFIGURED, "sender_refused"},
      {TOCSIN_SMTP_AT_MAIL, 452, "4.3.1", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_MAIL, 421, "4.7.0", TOCSIN_RATE_LIMITED, "rate"},
      {TOCSIN_SMTP_AT_MAIL, 530, "", TOCSIN_MISCONFIGURED, "sign_in_needed"},
      {TOCSIN_SMTP_AT_RCPT, 550, "5.1.1", TOCSIN_UNREACHABLE, "mailbox_unknown"},
      {TOCSIN_SMTP_AT_RCPT, 550, "5.1.2", TOCSIN_UNREACHABLE, "domain_unknown"},
      {TOCSIN_SMTP_AT_RCPT, 550, "5.2.1", TOCSIN_UNREACHABLE, "mailbox_disabled"},
      {TOCSIN_SMTP_AT_RCPT, 550, "5.7.1", TOCSIN_MISCONFIGURED, "policy"},
      {TOCSIN_SMTP_AT_RCPT, 553, "", TOCSIN_UNREACHABLE, "recipient_refused"},
      {TOCSIN_SMTP_AT_RCPT, 452, "4.2.2", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_RCPT, 452, "4.5.3", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_RCPT, 450, "4.7.1", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_RCPT, 421, "4.7.0", TOCSIN_RATE_LIMITED, "rate"},
      {TOCSIN_SMTP_AT_DATA, 451, "", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_DATA, 550, "5.7.1", TOCSIN_REJECTED, "message_refused"},
      {TOCSIN_SMTP_AT_DOT, 550, "5.7.1", TOCSIN_REJECTED, "message_refused"},
      {TOCSIN_SMTP_AT_DOT, 552, "5.2.3", TOCSIN_REJECTED, "too_large"},
      {TOCSIN_SMTP_AT_DOT, 554, "5.6.7", TOCSIN_REJECTED, "content"},
      {TOCSIN_SMTP_AT_DOT, 550, "", TOCSIN_REJECTED, "message_refused"},
      {TOCSIN_SMTP_AT_DOT, 452, "4.3.1", TOCSIN_RETRY, "later"},
      {TOCSIN_SMTP_AT_DOT, 251, "", TOCSIN_RETRY, "later"},
  };
  for (const Row& row : rows) {
    const auto verdict = smtp::judge(TOCSIN_IO_OK, row.stage >= TOCSIN_SMTP_AT_DOT,
                                     {"a@b.example", row.code, row.stage, row.enhanced, "text"});
    EXPECT_EQ(verdict.status, row.status) << row.stage << ' ' << row.code << ' ' << row.enhanced;
    EXPECT_EQ(verdict.code, row.word) << row.stage << ' ' << row.code << ' ' << row.enhanced;
  }
  EXPECT_EQ(smtp::judge(TOCSIN_IO_TIMEOUT, true, {"", 354, TOCSIN_SMTP_AT_DOT, "", ""}).status,
            TOCSIN_UNCERTAIN);
  EXPECT_EQ(smtp::judge(TOCSIN_IO_CLOSED, false, {"", 250, TOCSIN_SMTP_AT_RCPT, "", ""}).status,
            TOCSIN_RETRY);
  EXPECT_EQ(smtp::judge(TOCSIN_IO_BLOCKED, false, {}).status, TOCSIN_MISCONFIGURED);
  EXPECT_EQ(smtp::judge(TOCSIN_IO_DNS, false, {}).status, TOCSIN_RETRY);
}

class SmtpChannel : public ::testing::Test {
 protected:
  SmtpChannel() : host(smtp_type()) {
    EXPECT_TRUE(host.create(good_settings().set("/to/1", "b@example.com").set("/to/2", "c@example.com")))
        << host.error.text;
  }
  std::vector<std::string> recipients() const {
    std::vector<std::string> out;
    for (const auto& mail : host.mails) out.push_back(mail.recipients.at(0));
    return out;
  }
  tocsin::testing::fake_host host;
};

mail_reply refused(std::uint32_t stage, int code, const char* enhanced) {
  return {.stage = stage,
          .code = code,
          .enhanced = enhanced,
          .text = "no",
          .request_sent = stage >= TOCSIN_SMTP_AT_DOT};
}

TEST_F(SmtpChannel, SendsEachRecipientAMailOfItsOwn) {
  const auto ends = host.deliver(finding());
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_DELIVERED);
  EXPECT_THAT(recipients(), ElementsAre("ops@example.com", "b@example.com", "c@example.com"));
  for (const auto& mail : host.mails) {
    EXPECT_EQ(mail.recipients.size(), 1U);
    EXPECT_EQ(mail.server, "mail.example.com");
    EXPECT_EQ(mail.port, 587U);
    EXPECT_EQ(mail.security, static_cast<std::uint32_t>(TOCSIN_SMTP_STARTTLS));
    EXPECT_EQ(mail.auth, static_cast<std::uint32_t>(TOCSIN_SMTP_PASSWORD));
    EXPECT_EQ(mail.user, "alerts@example.com");
    EXPECT_EQ(mail.password, "tsec_password");
    EXPECT_EQ(mail.envelope_from, "alerts@example.com");
    EXPECT_THAT(mail.bytes, HasSubstr("To: " + mail.recipients[0] + "\r\n"));
    for (const auto& other : host.mails) {
      if (&other != &mail) {
        EXPECT_THAT(mail.bytes, Not(HasSubstr("To: " + other.recipients[0])))
            << "recipients do not see each other";
      }
    }
  }
}

TEST_F(SmtpChannel, TriesAgainOnlyWhoStillWaits) {
  host.mail_replies = {
      {}, refused(TOCSIN_SMTP_AT_RCPT, 450, "4.2.0"), refused(TOCSIN_SMTP_AT_RCPT, 550, "5.1.1")};
  auto message = finding();
  auto ends = host.deliver(message);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_RETRY);
  EXPECT_EQ(ends[0].code, "smtp.later");
  EXPECT_THAT(ends[0].detail,
              ::testing::AllOf(HasSubstr("1 of 3 recipients have it"),
                               HasSubstr("c@example.com: there is no such mailbox (550 5.1.1)")));
  ASSERT_FALSE(ends[0].carry.empty());
  EXPECT_THAT(ends[0].carry, Not(HasSubstr("example"))) << "addresses need not be written down";

  host.mails.clear();
  message.carry = ends[0].carry;
  message.attempt = 2;
  ends = host.deliver(message);
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(ends[0].code, "smtp.some_refused");
  EXPECT_THAT(recipients(), ElementsAre("b@example.com"));
}

TEST_F(SmtpChannel, ReadsNoNoteButItsOwn) {
  for (const char* note : {"", "1", "garbage", "1 ", "1 zz d", "2 0123456789abcdefd", "1 0123456789abcdefx",
                           "1 0123456789abcdefd 01"}) {
    host.mails.clear();
    auto message = finding();
    message.carry = note;
    EXPECT_EQ(host.deliver(message).at(0).status, TOCSIN_DELIVERED);
    EXPECT_EQ(host.mails.size(), 3U) << note;
  }
}

TEST_F(SmtpChannel, EndsForGoodWhereNobodyIsLeft) {
  host.mail_replies = {refused(TOCSIN_SMTP_AT_RCPT, 550, "5.1.1"), refused(TOCSIN_SMTP_AT_RCPT, 550, "5.1.1"),
                       refused(TOCSIN_SMTP_AT_RCPT, 550, "5.2.1")};
  auto end = host.deliver(finding()).at(0);
  EXPECT_EQ(end.status, TOCSIN_UNREACHABLE);
  EXPECT_EQ(end.carry, "");
  host.mail_replies = {refused(TOCSIN_SMTP_AT_DOT, 554, "5.6.0"), refused(TOCSIN_SMTP_AT_DOT, 554, "5.6.0"),
                       refused(TOCSIN_SMTP_AT_RCPT, 550, "5.1.1")};
  end = host.deliver(finding()).at(0);
  EXPECT_EQ(end.status, TOCSIN_REJECTED);
  EXPECT_EQ(end.code, "smtp.content");
}

TEST_F(SmtpChannel, StopsWhereTheConnectionIsTheTrouble) {
  const mail_reply troubles[] = {
      refused(TOCSIN_SMTP_AT_AUTH, 535, "5.7.8"),
      refused(TOCSIN_SMTP_AT_TLS, 0, ""),
      refused(TOCSIN_SMTP_AT_MAIL, 421, "4.7.0"),
      refused(TOCSIN_SMTP_AT_RCPT, 421, ""),
      {.io_error = TOCSIN_IO_CONNECT,
       .stage = TOCSIN_SMTP_AT_CONNECT,
       .code = 0,
       .enhanced = "",
       .request_sent = false},
      {.io_error = TOCSIN_IO_TIMEOUT, .stage = TOCSIN_SMTP_AT_DOT, .code = 354, .enhanced = ""}};
  for (const auto& trouble : troubles) {
    host.mails.clear();
    host.mail_replies = {trouble};
    const auto end = host.deliver(finding()).at(0);
    EXPECT_EQ(host.mails.size(), 1U) << trouble.stage;
    EXPECT_NE(end.status, TOCSIN_DELIVERED);
    EXPECT_NE(end.status, TOCSIN_UNREACHABLE);
  }
}

TEST_F(SmtpChannel, LeavesTheRestOfASlowServerToTheNextAttempt) {
  tocsin::testing::fake_host slow(smtp_type());
  ASSERT_TRUE(slow.create(good_settings().set("/to/1", "b@example.com")));
  slow.on_mail = [&slow] { slow.unix_ms += 26'000; };
  const auto end = slow.deliver(finding()).at(0);
  EXPECT_EQ(slow.mails.size(), 1U);
  EXPECT_EQ(end.status, TOCSIN_RETRY);
  EXPECT_EQ(end.code, "smtp.slow");
  EXPECT_FALSE(end.carry.empty());
}

TEST_F(SmtpChannel, VerifiesWithoutMail) {
  auto ends = host.verify();
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(host.mails.at(0).flags, static_cast<std::uint32_t>(TOCSIN_SMTP_VERIFY));
  EXPECT_TRUE(host.mails.at(0).bytes.empty());
  host.mail_replies = {refused(TOCSIN_SMTP_AT_AUTH, 535, "5.7.139")};
  ends = host.verify();
  EXPECT_EQ(ends.at(0).status, TOCSIN_MISCONFIGURED);
  EXPECT_THAT(ends.at(0).detail, HasSubstr("xoauth2"));
}

TEST_F(SmtpChannel, SendsADigestAsOneMail) {
  auto message = digest(20);
  EXPECT_EQ(host.deliver(message).at(0).status, TOCSIN_DELIVERED);
  EXPECT_EQ(host.mails.size(), 3U);
}

}  // namespace
