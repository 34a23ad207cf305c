// Every range of the published policy, at both ends, and the forms an attacker writes an address in.
#include "security/address_policy.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "corpus.hpp"

namespace tocsin::security {
namespace {

AddressPolicy policy_of(std::initializer_list<const char*> cidrs) {
  std::vector<Cidr> allowed;
  for (const char* text : cidrs) {
    allowed.push_back(parse_cidr(text).value());
  }
  return AddressPolicy(std::move(allowed));
}

const char* refusal(const AddressPolicy& policy, std::string_view text) {
  const auto address = parse_address(text);
  EXPECT_TRUE(address) << text;
  return address ? policy.refusal(*address) : "unparsable";
}

// The last address of a range.
Address last_of(const Cidr& cidr) {
  Address address = cidr.base;
  for (int bit = cidr.bits; bit < (address.v6 ? 128 : 32); ++bit) {
    address.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> (bit % 8));
  }
  return address;
}

TEST(AddressPolicy, RefusesBothEndsOfEveryPublishedRange) {
  const auto corpus = tests::load_corpus("ssrf_urls.json");
  const AddressPolicy policy;
  int ranges = 0;
  for (const char* list : {"reject_v4", "reject_v6"}) {
    for (const auto& row : corpus.at("policy").at(list).as_array()) {
      const std::string text(row.at("cidr").as_string());
      if (text == "::ffff:0:0/96") {
        continue;  // unwrapped to IPv4 and judged there
      }
      const Cidr cidr = parse_cidr(text).value();
      EXPECT_NE(policy.refusal(cidr.base), nullptr) << text;
      EXPECT_NE(policy.refusal(last_of(cidr)), nullptr) << text;
      ++ranges;
    }
  }
  EXPECT_GT(ranges, 30);
}

TEST(AddressPolicy, AllowsTheNeighboursOfRefusedRanges) {
  const AddressPolicy policy;
  for (const char* text : {"1.1.1.1",         "8.8.8.8",       "9.255.255.255",        "11.0.0.0",
                           "100.63.255.255",  "100.128.0.0",   "126.255.255.255",      "128.0.0.1",
                           "169.253.255.255", "169.255.0.1",   "172.15.255.255",       "172.32.0.1",
                           "192.167.255.255", "192.169.0.1",   "198.17.255.255",       "198.20.0.0",
                           "223.255.255.255", "168.63.129.15", "168.63.129.17",        "2001:4860:4860::8888",
                           "2001:200::1",     "2620:fe::fe",   "2606:4700:4700::1111", "2003::1",
                           "2a00::1"}) {
    EXPECT_EQ(refusal(policy, text), nullptr) << text;
  }
}

TEST(AddressPolicy, NamesWhatIsWrongWithAnAddress) {
  const AddressPolicy policy;
  EXPECT_STREQ(refusal(policy, "127.0.0.1"), "loopback");
  EXPECT_STREQ(refusal(policy, "::1"), "loopback");
  EXPECT_STREQ(refusal(policy, "10.0.0.1"), "private network");
  EXPECT_STREQ(refusal(policy, "fd12::1"), "private network");
  EXPECT_STREQ(refusal(policy, "169.254.169.254"), "cloud metadata");
  EXPECT_STREQ(refusal(policy, "fe80::1"), "link-local network");
  EXPECT_STREQ(refusal(policy, "4000::1"), "special-purpose network");
}

TEST(AddressPolicy, JudgesAMappedAddressAsTheIPv4AddressItIs) {
  const AddressPolicy policy;
  EXPECT_STREQ(refusal(policy, "::ffff:127.0.0.1"), "loopback");
  EXPECT_STREQ(refusal(policy, "::ffff:a9fe:a9fe"), "cloud metadata");
  EXPECT_EQ(refusal(policy, "::ffff:8.8.8.8"), nullptr);
  EXPECT_EQ(refusal(policy_of({"127.0.0.0/8"}), "::ffff:127.0.0.1"), nullptr);
}

TEST(AddressPolicy, OpensWhatTheOperatorListsAndNothingElse) {
  const auto policy = policy_of({"127.0.0.0/8", "10.1.2.3", "fd00:1::/32"});
  EXPECT_EQ(refusal(policy, "127.0.0.1"), nullptr);
  EXPECT_EQ(refusal(policy, "10.1.2.3"), nullptr);
  EXPECT_NE(refusal(policy, "10.1.2.4"), nullptr);
  EXPECT_EQ(refusal(policy, "fd00:1::9"), nullptr);
  EXPECT_NE(refusal(policy, "::1"), nullptr);
  EXPECT_TRUE(policy.opened(*parse_address("127.9.9.9")));
  EXPECT_FALSE(policy.opened(*parse_address("8.8.8.8")));
}

TEST(AddressPolicy, NeverOpensMetadataAddresses) {
  const auto policy = policy_of({"0.0.0.0/0", "::/0"});
  for (const char* text : {"169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200",
                           "192.0.0.192", "168.63.129.16", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
                           "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a9fe:a9fe",
                           "2002:a9fe:a9fe::", "::169.254.169.254", "::ffff:0:169.254.169.254"}) {
    EXPECT_STREQ(refusal(policy, text), "cloud metadata") << text;
    EXPECT_FALSE(policy.opened(*parse_address(text))) << text;
  }
  EXPECT_EQ(refusal(policy, "169.254.169.253"), nullptr);
}

TEST(ParseAddress, TakesCanonicalTextOnly) {
  for (const char* text :
       {"", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "127.0.0.1 ", " 127.0.0.1", "127.0.0.01",
        "1.2.3.4.5", "256.1.1.1", "fe80::1%eth0", "[::1]", "::1::", "1.2.3", "::ffff:1.2.3", "localhost"}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
  EXPECT_FALSE(parse_address(std::string_view("1.1.1.1\0", 8)));
  EXPECT_EQ(to_string(*parse_address("2001:DB8:0:0::1")), "2001:db8::1");
  EXPECT_EQ(to_string(*parse_address("::ffff:1.2.3.4")), "1.2.3.4");
}

TEST(ParseCidr, SaysWhatIsWrong) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "::/129",
                           "10.0.0/8", "host/8", "::ffff:0.0.0.0/90"}) {
    EXPECT_FALSE(parse_cidr(text)) << text;
  }
  EXPECT_EQ(parse_cidr("10.1.2.3/8").error().detail,
            "\"10.1.2.3/8\" has bits set after its prefix; write 10.0.0.0/8");
  EXPECT_EQ(parse_cidr("::ffff:127.0.0.0/104").value().bits, 8);
  EXPECT_EQ(parse_cidr("::1").value().bits, 128);
  EXPECT_TRUE(parse_cidr("0.0.0.0/0").value().contains(*parse_address("9.9.9.9")));
  EXPECT_FALSE(parse_cidr("::/0").value().contains(*parse_address("9.9.9.9")));
}

}  // namespace
}  // namespace tocsin::security
