// The published table of hostile URLs, and the rules one by one.
#include "net/egress_url.hpp"

#include <gtest/gtest.h>

#include "corpus.hpp"
#include "net/exchange.hpp"

namespace tocsin::net {
namespace {

using security::AddressPolicy;

// True where every address that the table's resolver answers with may be connected to.
bool answers_allowed(const boost::json::array& answers, const AddressPolicy& policy) {
  for (const auto& answer : answers) {
    const auto address = security::parse_address(std::string(answer.as_string()));
    if (!address || policy.refusal(*address) != nullptr) {
      return false;
    }
  }
  return true;
}

TEST(EgressUrl, JudgesEveryCaseOfTheTable) {
  const auto corpus = tocsin::tests::load_corpus("ssrf_urls.json");
  const AddressPolicy policy;
  std::size_t cases = 0;
  for (const auto& row : corpus.at("cases").as_array()) {
    const std::string url(row.at("url").as_string());
    bool accepted = check_egress_url(url, policy).has_value();
    const auto& object = row.as_object();
    if (const auto* dns = object.if_contains("dns")) {
      for (const auto& [name, answers] : dns->as_object()) {
        accepted = accepted && answers_allowed(answers.as_array(), policy);
      }
    }
    if (const auto* sequence = object.if_contains("dns_sequence")) {
      for (const auto& [name, lookups] : sequence->as_object()) {
        for (const auto& answers : lookups.as_array()) {
          accepted = accepted && answers_allowed(answers.as_array(), policy);
        }
      }
    }
    EXPECT_EQ(accepted, row.at("verdict") == "accept") << row;
    ++cases;
  }
  EXPECT_GT(cases, 90U);
}

TEST(EgressUrl, NeverRepeatsWhatTheUrlHolds) {
  const auto corpus = tocsin::tests::load_corpus("ssrf_urls.json");
  for (const auto& row : corpus.at("cases").as_array()) {
    const auto checked =
        check_egress_url(std::string(row.at("url").as_string()) + "?s3cret", AddressPolicy());
    if (!checked) {
      EXPECT_EQ(checked.error().code, Errc::kInvalid);
      EXPECT_EQ(checked.error().detail.find("s3cret"), std::string::npos);
      EXPECT_EQ(checked.error().detail.find("hook"), std::string::npos);
    }
  }
}

TEST(EgressUrl, OpensPlainHttpAndAnyPortForAnOpenedLiteralOnly) {
  const AddressPolicy policy(
      {security::parse_cidr("127.0.0.0/8").value(), security::parse_cidr("::1").value()});
  for (const char* url :
       {"http://127.0.0.1:8099/hook", "https://127.0.0.1:22/", "http://[::1]:9/", "http://127.0.0.1"}) {
    EXPECT_TRUE(check_egress_url(url, policy)) << url;
  }
  for (const char* url :
       {"http://localhost:8099/hook", "http://example.com/", "http://8.8.8.8/", "http://10.0.0.1/",
        "https://8.8.8.8:8080/", "http://169.254.169.254/", "ftp://127.0.0.1/"}) {
    EXPECT_FALSE(check_egress_url(url, policy)) << url;
  }
}

TEST(EgressUrl, SaysWhatToDo) {
  const AddressPolicy policy;
  const auto detail = [&](const char* url) { return check_egress_url(url, policy).error().detail; };
  EXPECT_EQ(detail("http://example.com/"), "plain http is not allowed; use https");
  EXPECT_EQ(
      detail("https://10.0.0.1/"),
      "the URL's address is not allowed (private network); use a public one, or ask the operator to open "
      "it with egress.allow");
  EXPECT_EQ(
      detail("https://169.254.169.254/"),
      "the URL's address is not allowed (cloud metadata); nothing may reach it, and no setting opens it");
  EXPECT_EQ(detail("https://printer.local/"), "hosts under .local are not public; use a public name");
  EXPECT_EQ(detail("https://example.com:22/"), "the URL's port is not allowed; use 443 or 8443");
}

TEST(EgressUrl, TellsAMalformedUrlFromARefusedOne) {
  const AddressPolicy policy;
  EXPECT_EQ(read_egress_url("gopher://example.com/", policy).error().code, Errc::kInvalid);
  EXPECT_EQ(read_egress_url("https://127.0.0.1/", policy).error().code, Errc::kForbidden);
}

TEST(EgressUrl, RefusesOddPortsHostsAndBrackets) {
  for (const char* url : {"https://example.com:/",
                          "https://example.com:0443/",
                          "https://example.com:65536/",
                          "https://example.com:4 43/",
                          "https://example.com:+443/",
                          "https://[1.1.1.1]/",
                          "https://[::1",
                          "https://[2606:4700::1]443/",
                          "https://2606:4700::1/",
                          "https://exa..mple.com/",
                          "https://.example.com/",
                          "https://example-.com/",
                          "https://b\xc3\xbc"
                          "cher.example.com/",
                          "https://0x7f000001/",
                          "https://1.1.1.0x1/",
                          "https://1.1.1.1./",
                          "https://example.com\r\nHost: x/",
                          "HTTPS:\\\\example.com/",
                          "https://a.b.c.1/",
                          "https://example.com,a.com/"}) {
    EXPECT_FALSE(check_egress_url(url, AddressPolicy())) << url;
  }
  EXPECT_TRUE(check_egress_url("HTTPS://Example.COM/Hook", AddressPolicy()));
  EXPECT_TRUE(check_egress_url("https://example.com", AddressPolicy()));
  EXPECT_TRUE(check_egress_url("https://example.com?a=1", AddressPolicy()));
  EXPECT_TRUE(check_egress_url("https://a_b.example.com/", AddressPolicy()));
  EXPECT_TRUE(check_egress_url("https://[2606:4700:4700:0:0:0:0:1111]:8443/", AddressPolicy()));
  EXPECT_TRUE(check_egress_url("https://[::ffff:8.8.8.8]/", AddressPolicy()));
}

}  // namespace
}  // namespace tocsin::net
