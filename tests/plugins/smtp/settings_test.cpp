// What an admin can get wrong beyond the schema, each with its setting and its fix; addresses; templates.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "corpus.hpp"
#include "plugins/smtp/mail_fixture.hpp"
#include "smtp/default_templates.hpp"
#include "smtp/mail_template.hpp"

namespace {

using namespace smtp_tests;
using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::testing::document;

struct Row {
  document settings;
  const char* pointer;
  const char* says;
};

document base() {
  return {{"/server", "mail.example.com"}, {"/to/0", "ops@example.com"}};
}

TEST(SmtpSettings, TakeTheSeedsForm) {
  tocsin::testing::fake_host host(smtp_type());
  EXPECT_TRUE(host.create(good_settings())) << host.error.text;
  EXPECT_TRUE(host.create(base().set("/from", "alerts@example.com"))) << host.error.text;
  EXPECT_TRUE(host.create(good_settings().set("/port", "2525"))) << host.error.text;
  EXPECT_EQ(host.undeclared.size(), 0U);
}

TEST(SmtpSettings, NameTheSettingAndTheFix) {
  Row rows[] = {
      {base(), "/from", "is needed"},
      {good_settings().set("/to/1", "nobody"), "/to/1", "no @"},
      {good_settings().set("/to/1", "ops@example.com"), "/to/1", "twice"},
      {good_settings().set("/to/1", "OPS <ops@example.com>"), "/to/1", "bare address"},
      {good_settings().set("/to/1", "a@example.com,b@example.com"), "/to/1", "one address"},
      {good_settings().set("/to/1", "b@x.test>\r\nRCPT TO:<evil@x.test"), "/to/1", "control character"},
      {good_settings().set("/to/1", "a@localhost"), "/to/1", "domain"},
      {good_settings().set("/to/1", "wächter@example.com"), "/to/1", "before the @"},
      {good_settings().set("/from", "not an address"), "/from", "one address"},
      {good_settings().set("/from", "a@example.com\nBcc: x"), "/from", "control character"},
      {good_settings().set("/reply_to", "x"), "/reply_to", "no @"},
      {good_settings().set("/port", "465"), "/security", "implicit"},
      {document{{"/server", "mail.example.com"},
                {"/to/0", "ops@example.com"},
                {"/from", "a@example.com"},
                {"/security", "implicit"},
                {"/port", "587"}},
       "/security", "starttls"},
      {base().set("/from", "a@example.com").set("/password", "tsec_x"), "/username", "sign in"},
      {base().set("/from", "a@example.com").set("/auth", "password").set("/username", "u"), "/password",
       "sign in"},
      {base().set("/from", "a@example.com").set("/auth", "xoauth2").set("/username", "u"), "/password",
       "access token"},
      {good_settings().set("/auth", "none"), "/auth", "password"},
      {base().set("/username", "user").set("/password", "tsec_x"), "/from", "no mail address"},
      {base().set("/from", "a@example.com").set("/username", "a\r\nb").set("/password", "tsec_x"),
       "/username", "line break"},
      {good_settings().set("/ehlo", "not a name"), "/ehlo", "host name"},
      {document{{"/server", "mail example"}, {"/to/0", "ops@example.com"}}, "/server", "host name"},
      {good_settings().set("/subject", "{{title"), "/subject", "line 1: a tag is not closed"},
      {good_settings().set("/text", "a\n{{#events}}"), "/text",
       "line 2: the section \"events\" is not closed"},
      {good_settings().set("/html", "{{{summary}}}"), "/html", "always escaped"}};
  for (Row& row : rows) {
    tocsin::testing::fake_host host(smtp_type());
    EXPECT_FALSE(host.create(row.settings)) << row.pointer << ' ' << row.says;
    EXPECT_STREQ(host.error.pointer, row.pointer) << row.says << ": " << host.error.text;
    EXPECT_THAT(host.error.text, HasSubstr(row.says)) << row.pointer;
    EXPECT_THAT(host.error.text, Not(HasSubstr("evil"))) << "a value stands in the error";
  }
}

TEST(SmtpSettings, PassTheHostsRefusalOn) {
  tocsin::testing::fake_host host(smtp_type());
  host.mail_refusal = "10.0.0.1 is in a private network; use the server's public name, or ask the operator";
  EXPECT_FALSE(host.create(good_settings()));
  EXPECT_STREQ(host.error.pointer, "/server");
  EXPECT_THAT(host.error.text, HasSubstr("private network"));
}

TEST(SmtpSettings, NameTheSettingThatTheHostRefuses) {
  tocsin::testing::fake_host host(smtp_type());
  host.mail_refusal = "mail without TLS needs the operator's egress.smtp_without_tls";
  host.refuses_mail_with_tls = false;
  EXPECT_TRUE(host.create(good_settings()));
  EXPECT_FALSE(host.create({{"/server", "mail.example.com"},
                            {"/to/0", "ops@example.com"},
                            {"/from", "a@example.com"},
                            {"/security", "none"}}));
  EXPECT_STREQ(host.error.pointer, "/security");
  EXPECT_THAT(host.error.text, HasSubstr("smtp_without_tls"));
}

TEST(SmtpAddress, AgreesWithTheCorpus) {
  const auto corpus = tocsin::tests::load_corpus("email_cases.json");
  for (const auto& row : corpus.at("addresses").as_array()) {
    const std::string_view address = row.at("address").as_string();
    std::string fault;
    const bool taken = smtp::read_address(address, fault).has_value();
    // The host's mail library cannot promise SMTPUTF8, so a local part beyond ASCII is refused when it is
    // saved.
    const bool ascii = std::all_of(address.begin(), std::find(address.begin(), address.end(), '@'),
                                   [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    EXPECT_EQ(taken, row.at("valid").as_bool() && ascii) << row;
    EXPECT_EQ(taken, fault.empty());
  }
}

TEST(SmtpAddress, TurnsDomainsIntoALabels) {
  std::string fault;
  EXPECT_EQ(smtp::read_address("Ops@BÜCHER.example", fault)->text, "Ops@xn--bcher-kva.example");
  EXPECT_EQ(smtp::read_address("a@例え.jp", fault)->domain, "xn--r8jz45g.jp");
  for (const char* bad : {"", "@", "a@", "@b.example", "a@b@c", ".a@b.example", "a.@b.example",
                          "a@b..example", "a@.example", "a@b.example.", "a b@c.example", "a@[127.0.0.1]",
                          "a@b_c.example", "a@\xff.example", "\"a b\"@c.example", "a;b@c.example"}) {
    EXPECT_FALSE(smtp::read_address(bad, fault)) << bad;
  }
}

TEST(SmtpTemplate, TheDefaultsAreSound) {
  EXPECT_EQ(smtp::template_fault(smtp::kDefaultSubject, smtp::Escape::kNone), "");
  EXPECT_EQ(smtp::template_fault(smtp::kDefaultText, smtp::Escape::kNone), "");
  EXPECT_EQ(smtp::template_fault(smtp::kDefaultHtml, smtp::Escape::kHtml), "");
}

TEST(SmtpTemplate, RefusesWhatCouldGoWrongLater) {
  const std::pair<const char*, const char*> rows[] = {
      {"{{", "not closed"},
      {"{{}}", "empty"},
      {"{{titel}}", "\"titel\" is no value; there is title"},
      {"{{#titel}}{{/titel}}", "is no value"},
      {"{{> other}}", "no partials"},
      {"{{=<% %>=}}", "delimiters stay"},
      {"{{#events}}", "is not closed"},
      {"{{/events}}", "not open"},
      {"{{#events}}{{#labels}}{{/events}}{{/labels}}", "where {{/labels}} is due"},
      {"{{#events}}{{#events}}{{/events}}{{/events}}", "within itself"},
      {"{{#events}}{{^events}}{{/events}}{{/events}}", "within itself"},
      {"{{#events}}{{#labels}}{{#test}}{{#digest}}{{#link}}{{#source}}{{#summary}}x{{/summary}}{{/source}}{{/"
       "link}}{{/digest}}{{/test}}{{/labels}}{{/events}}",
       "deeper than 6"},
      {"\n\n{{x}}", "line 3"}};
  for (const auto& [text, says] : rows) {
    EXPECT_THAT(smtp::template_fault(text, smtp::Escape::kNone), HasSubstr(says)) << text;
  }
  EXPECT_THAT(smtp::template_fault(std::string(17000, 'x'), smtp::Escape::kNone), HasSubstr("16 KiB"));
  EXPECT_THAT(smtp::template_fault("{{&title}}", smtp::Escape::kHtml), HasSubstr("always escaped"));
  EXPECT_EQ(smtp::template_fault("{{&title}} {{{title}}} {{! a remark }}", smtp::Escape::kNone), "");
}

TEST(SmtpTemplate, IsFilledInWithinItsBounds) {
  smtp::MailValues values;
  values.first.values = {{"title", "<b> & \"x\""}, {"link", ""}};
  values.events.assign(1000, values.first);
  for (auto& event : values.events) event.labels.assign(8, {"name", std::string(500, '&')});
  EXPECT_EQ(smtp::fill_in("{{title}}", values, smtp::Escape::kNone).text, "<b> & \"x\"");
  EXPECT_EQ(smtp::fill_in("{{title}}", values, smtp::Escape::kHtml).text, "&lt;b&gt; &amp; &quot;x&quot;");
  EXPECT_EQ(smtp::fill_in("{{#link}}a{{/link}}{{^link}}b{{/link}}", values, smtp::Escape::kNone).text, "b");
  const smtp::Filled full =
      smtp::fill_in("{{#events}}{{#labels}}{{value}}{{/labels}}{{/events}}", values, smtp::Escape::kHtml);
  EXPECT_TRUE(full.cut);
  EXPECT_LE(full.text.size(), smtp::kMaxRendered);
  EXPECT_TRUE(full.text.ends_with("…"));
  // A value that looks like a tag is only text.
  values.first.values = {{"title", "{{#events}}{{> x}}"}};
  EXPECT_EQ(smtp::fill_in("{{title}}", values, smtp::Escape::kNone).text, "{{#events}}{{> x}}");
}

}  // namespace
