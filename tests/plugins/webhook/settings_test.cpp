// What an admin can save: the schema for the form, and the faults that create() names.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "corpus.hpp"
#include "webhook/custom_headers.hpp"
#include "webhook_host.hpp"

namespace {

using ::testing::HasSubstr;
using webhook_tests::settings;
using webhook_tests::signed_settings;
using webhook_tests::WebhookHost;

TEST(WebhookSchema, TitlesAndDescribesEveryProperty) {
  const auto schema = boost::json::parse(webhook_tests::webhook_type().settings_schema).as_object();
  EXPECT_EQ(schema.at("additionalProperties"), false);
  for (const auto& [name, property] : schema.at("properties").as_object()) {
    EXPECT_TRUE(property.as_object().contains("title")) << name;
    EXPECT_TRUE(property.as_object().contains("description")) << name;
  }
  const auto& properties = schema.at("properties").as_object();
  EXPECT_EQ(properties.at("secret").at("writeOnly"), true);
  EXPECT_EQ(properties.at("headers").at("additionalProperties").at("writeOnly"), true);
}

TEST(WebhookSettings, AcceptWhatIsRight) {
  WebhookHost host;
  EXPECT_TRUE(host.create(settings())) << host.error.text;
  EXPECT_TRUE(host.create(signed_settings())) << host.error.text;
  EXPECT_TRUE(host.create(settings().set("/headers/Authorization", "tsec_a").set("/headers/X-Empty", "")))
      << host.error.text;
}

TEST(WebhookSettings, RefuseASecretThatCannotSign) {
  WebhookHost host;
  host.secrets["tsec_key"] = "whsec_this is no base64";
  EXPECT_FALSE(host.create(signed_settings()));
  EXPECT_STREQ(host.error.pointer, "/secret");
  EXPECT_THAT(host.error.text, HasSubstr("whsec_"));
  EXPECT_THAT(host.error.text, ::testing::Not(HasSubstr("this is no")));
}

TEST(WebhookSettings, NameTheHeaderAndTheFix) {
  WebhookHost host;
  EXPECT_FALSE(host.create(settings().set("/headers/X-Ok", "tsec_a").set("/headers/Content-Type", "tsec_b")));
  EXPECT_STREQ(host.error.pointer, "/headers/Content-Type");
  EXPECT_THAT(host.error.text, HasSubstr("\"Content-Type\""));
  EXPECT_THAT(host.error.text, HasSubstr("choose another"));
  EXPECT_FALSE(host.create(settings().set("/headers/a~1b~0c", "tsec_a")));
  EXPECT_STREQ(host.error.pointer, "/headers/a~1b~0c");
}

TEST(WebhookSettings, RefuseTheSameHeaderTwice) {
  WebhookHost host;
  EXPECT_FALSE(host.create(settings().set("/headers/X-Key", "tsec_a").set("/headers/x-key", "tsec_b")));
  EXPECT_THAT(host.error.text, HasSubstr("set twice"));
}

TEST(WebhookSettings, RefuseMoreThanTwentyHeaders) {
  auto document = settings();
  for (int i = 0; i < 20; ++i) document.set("/headers/X-" + std::to_string(i), "tsec_a");
  WebhookHost host;
  EXPECT_TRUE(host.create(document));
  EXPECT_EQ(host.deliver({}).at(0).status, TOCSIN_DELIVERED);
  EXPECT_FALSE(host.create(document.set("/headers/X-20", "tsec_a")));
  EXPECT_STREQ(host.error.pointer, "/headers");
}

TEST(CustomHeaders, AgreeWithTheCorpusOnEveryNameAndValue) {
  const auto corpus = tocsin::tests::load_corpus("custom_headers.json");
  for (const auto& entry : corpus.at("cases").as_array()) {
    const std::string name = entry.at("name").as_string().c_str();
    const std::string value(entry.at("value").as_string());
    const bool name_ok = !webhook::find_header_fault({name});
    const bool value_ok = tocsin_header_value_ok(tocsin::c_str(value)) == 1;
    EXPECT_EQ(name_ok && value_ok, entry.at("verdict") == "accept") << entry;
  }
}

TEST(CustomHeaders, ReserveEveryNameThatIsTheHostsOrTheSignatures) {
  for (const char* name : {"Host",
                           "content-length",
                           "Content-Encoding",
                           "TRANSFER-ENCODING",
                           "connection",
                           "Keep-Alive",
                           "TE",
                           "Trailer",
                           "Upgrade",
                           "Expect",
                           "Accept-Encoding",
                           "Range",
                           "Cookie",
                           "User-Agent",
                           "Via",
                           "Forwarded",
                           "X-Forwarded-For",
                           "X-Forwarded-Anything",
                           "X-Real-IP",
                           "Proxy-Authorization",
                           "HTTP2-Settings",
                           "webhook-anything",
                           "svix-id",
                           "ce-id",
                           "X-Hub-Signature",
                           "x-hub-signature-256",
                           "Metadata",
                           "metadata-flavor",
                           "X-aws-ec2-metadata-token-ttl-seconds",
                           "x-http-method-override"}) {
    EXPECT_TRUE(webhook::is_reserved_header(name)) << name;
  }
  for (const char* name : {"Authorization", "X-Api-Key", "traceparent", "Accept", "X-Content", "Hosting",
                           "X-Webhook", "cex", "Tea", "X-Metadata"}) {
    EXPECT_FALSE(webhook::is_reserved_header(name)) << name;
  }
}

TEST(CustomHeaders, NeverPutControlCharactersIntoAnErrorText) {
  const auto fault = webhook::find_header_fault({std::string_view("X\r\nEvil\0: 1", 11)});
  ASSERT_TRUE(fault);
  for (const char c : fault->sentence) EXPECT_TRUE(c >= 0x20 && c < 0x7F);
}

TEST(WebhookPlugin, IncludesNothingButTheSdk) {
  for (const auto& file : std::filesystem::directory_iterator(TOCSIN_SOURCE_DIR "/plugins/webhook")) {
    if (file.path().extension() != ".cpp" && file.path().extension() != ".hpp") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line);) {
      if (!line.starts_with("#include")) continue;
      const bool own = line.find("\"") != std::string::npos && line.find("/") == std::string::npos;
      const bool sdk = line.find("<tocsin/") != std::string::npos;
      const bool standard =
          line.find('<') != std::string::npos && line.find_first_of("./") == std::string::npos;
      EXPECT_TRUE(own || sdk || standard) << file.path() << ": " << line;
    }
  }
}

}  // namespace
