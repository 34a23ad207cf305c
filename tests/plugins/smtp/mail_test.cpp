// The mails themselves: golden files, the rules of mail for any event, and texts that mean harm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <tocsin/cpp/graphemes.hpp>
#include <tocsin/testing/hostile_texts.hpp>

#include "corpus.hpp"
#include "plugins/golden.hpp"
#include "plugins/smtp/mail_fixture.hpp"
#include "plugins/smtp/mail_reader.hpp"
#include "smtp/mime.hpp"

namespace {

using namespace smtp_tests;
using ::testing::HasSubstr;
using ::testing::Not;

Mail read(const std::string& bytes) {
  return MailReader::read(bytes);
}

TEST(SmtpMail, IsWhatTheGoldenFilesSay) {
  auto one = finding();
  tocsin::tests::expect_golden("smtp/golden/finding.eml",
                               mail_of(good_settings().set("/from_name", "Wächter"), one));
  auto test = finding();
  test.flags = TOCSIN_TEST;
  tocsin::tests::expect_golden("smtp/golden/test.eml", mail_of(good_settings(), test));
  tocsin::testing::sample_message bare;
  bare.title = bare.summary = bare.link = bare.source = "";
  tocsin::tests::expect_golden("smtp/golden/bare.eml", mail_of(good_settings(), bare));
  auto few = digest(3);
  tocsin::tests::expect_golden("smtp/golden/digest.eml", mail_of(good_settings(), few));
  for (auto* sample : {&one, &test, &bare, &few})
    EXPECT_EQ(read(mail_of(good_settings(), *sample)).fault, "");
}

TEST(SmtpMail, ReadsBackAsWhatItSays) {
  auto sample = finding();
  const Mail mail = read(mail_of(good_settings().set("/reply_to", "team@example.com"), sample));
  EXPECT_EQ(mail.fault, "");
  EXPECT_EQ(mail.header("Subject"), "[Critical] Public bucket with customer data");
  EXPECT_EQ(mail.header("From"), "alerts@example.com");
  EXPECT_EQ(mail.header("To"), "ops@example.com");
  EXPECT_EQ(mail.header("Reply-To"), "team@example.com");
  EXPECT_EQ(mail.header("Date"), "Mon, 23 Nov 2026 08:00:00 +0000");
  EXPECT_EQ(mail.header("Importance"), "high");
  EXPECT_EQ(mail.header("Auto-Submitted"), "auto-generated");
  EXPECT_THAT(mail.text, HasSubstr("The bucket <acme-exports> is readable by anyone.\nIt holds 4 objects."));
  EXPECT_THAT(mail.text, HasSubstr("https://console.example.com/findings/f-1?tab=a&b=c\n"));
  EXPECT_THAT(mail.html, HasSubstr("The bucket &lt;acme-exports&gt; is readable"));
  EXPECT_THAT(mail.html, HasSubstr("href=\"https://console.example.com/findings/f-1?tab=a&amp;b=c\""));
}

TEST(SmtpMail, HasTheSameBytesOnEveryAttemptAndAnIdForEachRecipient) {
  auto sample = finding();
  const std::string first = mail_of(good_settings(), sample);
  sample.attempt = 7;
  EXPECT_EQ(first, mail_of(good_settings(), sample));
  const Mail to_other = read(mail_of(good_settings().set("/to/1", "x@example.com"), sample));
  EXPECT_EQ(to_other.header("Message-ID"), read(first).header("Message-ID"));
  auto other = finding();
  other.id = "dlv_2";
  EXPECT_NE(read(mail_of(good_settings(), other)).header("Message-ID"), read(first).header("Message-ID"));
  EXPECT_THAT(read(first).header("Message-ID"),
              ::testing::MatchesRegex("<dlv_01JDB8Z6Q0000000000000001A\\.[0-9a-f]{16}@example\\.com>"));
}

TEST(SmtpMail, ThreadsByFindingScanOrException) {
  auto one = finding(), other = finding();
  other.id = "dlv_2", other.title = "Resolved";
  const std::string root = read(mail_of(good_settings(), one)).header("References");
  EXPECT_THAT(root, ::testing::MatchesRegex("<thread\\.[0-9a-f]{16}@example\\.com>"));
  EXPECT_EQ(read(mail_of(good_settings(), other)).header("References"), root);
  EXPECT_EQ(read(mail_of(good_settings(), other)).header("In-Reply-To"), root);
  other.labels = {{"finding_id", "f-2"}};
  EXPECT_NE(read(mail_of(good_settings(), other)).header("References"), root);
  other.labels = {{"scan_id", "f-1"}};
  EXPECT_NE(read(mail_of(good_settings(), other)).header("References"), root);
  other.labels = {};
  EXPECT_EQ(read(mail_of(good_settings(), other)).header("References"), "");
}

TEST(SmtpMail, ListsEveryEventOfADigest) {
  auto sample = digest(400);
  const Mail mail = read(mail_of(good_settings(), sample));
  EXPECT_EQ(mail.fault, "");
  EXPECT_THAT(mail.header("Subject"), HasSubstr("400 alerts for demo"));
  for (int i = 2; i <= 400; ++i) {
    EXPECT_THAT(mail.text, HasSubstr("Finding number " + std::to_string(i) + "\n"));
    EXPECT_THAT(mail.html, HasSubstr(">Finding number " + std::to_string(i) + "<"));
  }
}

TEST(SmtpMail, ListsFewerEventsRatherThanHalfAMail) {
  auto sample = digest(1000);
  for (auto& other : sample.more) other.title = tocsin::testing::repeat("&", 900);
  const Mail mail = read(mail_of(good_settings(), sample));
  EXPECT_EQ(mail.fault, "");
  EXPECT_THAT(mail.html,
              ::testing::AllOf(HasSubstr("</html>"), HasSubstr(" more</p>"), HasSubstr("1000 alerts")));
}

TEST(SmtpMail, CarriesTheSubjectsOfTheCorpus) {
  const auto corpus = tocsin::tests::load_corpus("email_cases.json");
  for (const auto& row : corpus.at("subjects").as_array()) {
    auto sample = finding();
    sample.title = std::string(row.at("subject").as_string());
    const Mail mail = read(mail_of(good_settings().set("/subject", "{{title}}"), sample));
    EXPECT_EQ(mail.fault, "") << row.at("name");
    std::string expected = tocsin::plain_text(sample.title);
    if (expected.empty()) expected = sample.type;
    if (tocsin::count_code_points(expected) <= 400) {
      EXPECT_EQ(mail.header("Subject"), expected);
    } else {
      EXPECT_TRUE(mail.header("Subject").ends_with("…"));
    }
  }
}

TEST(SmtpMail, LetsNothingOfTheCorpusIn) {
  const auto corpus = tocsin::tests::load_corpus("email_cases.json");
  for (const auto& row : corpus.at("injection").as_array()) {
    const std::string value(row.at("value").as_string());
    auto sample = finding();
    sample.title = sample.summary = value;
    sample.labels = {{value, value}};
    const Mail mail = read(mail_of(good_settings(), sample));
    EXPECT_EQ(mail.fault, "") << row.at("name");
    if (row.at("name").as_string() == "html_escape") {
      EXPECT_THAT(mail.text, HasSubstr(value));
      EXPECT_THAT(mail.html, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
    }
  }
}

TEST(SmtpMail, CarriesAnyTextInAnyPlace) {
  for (const std::string& text : tocsin::testing::hostile_texts()) {
    auto sample = finding();
    sample.title = sample.summary = sample.source = sample.event_id = sample.link = text;
    sample.type = text.find_first_not_of(" \n") == text.npos ? "finding.created" : text;
    sample.labels = {{text, text}, {"finding_id", text}};
    const Mail mail = read(mail_of(good_settings().set("/from_name", text.substr(0, 90)), sample));
    EXPECT_EQ(mail.fault, "") << text.substr(0, 60);
    EXPECT_THAT(mail.html, Not(HasSubstr("<script"))) << text.substr(0, 60);
    EXPECT_THAT(mail.html, Not(HasSubstr("<img"))) << text.substr(0, 60);
    EXPECT_THAT(mail.html, Not(HasSubstr("javascript:alert(1)\""))) << text.substr(0, 60);
  }
}

TEST(SmtpMime, AnyTextComesBackFromAHeaderAndABody) {
  std::mt19937 random(20261127);
  const auto texts = tocsin::testing::hostile_texts();
  for (int i = 0; i < 400; ++i) {
    std::string text;
    for (std::size_t n = 0; n <= random() % 3; ++n)
      text += texts[random() % texts.size()].substr(0, random() % 300);
    const std::string clean = tocsin::plain_text(text);
    const std::string field = smtp::text_header("Subject", text);
    std::string unfolded;
    for (std::size_t at = 0; at < field.size(); ++at) {
      if (field.substr(at, 2) == "\r\n") {
        ++at;
        continue;
      }
      unfolded.push_back(field[at]);
    }
    EXPECT_EQ(decode_words(unfolded.substr(std::min<std::size_t>(9, unfolded.size()))), clean);
    const std::string lines = tocsin::plain_text(text, true);
    std::string back = decode_quoted_printable(smtp::quoted_printable(lines));
    std::erase(back, '\r');
    EXPECT_EQ(back, lines.ends_with('\n') ? lines : lines + '\n');
  }
}

TEST(SmtpMime, KnowsTheCalendar) {
  EXPECT_EQ(smtp::mail_date(0), "Thu, 01 Jan 1970 00:00:00 +0000");
  EXPECT_EQ(smtp::mail_date(-1), "Wed, 31 Dec 1969 23:59:59 +0000");
  EXPECT_EQ(smtp::mail_date(951'782'400'000), "Tue, 29 Feb 2000 00:00:00 +0000");
  EXPECT_EQ(smtp::mail_date(4'102'444'799'999), "Thu, 31 Dec 2099 23:59:59 +0000");
}

}  // namespace
