// The catalogue of event types: names, lookup, near matches.
#include "model/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Catalogue make_catalogue(std::vector<std::string> names) {
  std::vector<EventType> types;
  for (auto& name : names)
    types.push_back(
        {std::move(name), "", Category::kSecurityAlert, {}, Severity::kInfo, false, Severity::kInfo});
  return Catalogue::create(std::move(types)).value();
}

TEST(EventTypeName, IsTwoOrMoreSegments) {
  for (const auto& name : {std::string("finding.created"), std::string("a.b.c"),
                           std::string("user.mfa_enabled"), std::string("x1.2")}) {
    EXPECT_TRUE(is_event_type_name(name)) << name;
  }
  for (const auto& name :
       {std::string(), std::string("finding"), std::string("."), std::string("a."), std::string(".a"),
        std::string("a..b"), std::string("a.b..c"), std::string("A.b"), std::string("a.b-c"),
        std::string("a. b"), std::string("a.*"), "a." + std::string(99, 'x')}) {
    EXPECT_FALSE(is_event_type_name(name)) << name;
  }
  EXPECT_TRUE(is_event_type_name("a." + std::string(98, 'x')));
}

TEST(Catalogue, FindsATypeAndItsPosition) {
  const auto catalogue = make_catalogue({"finding.created", "scan.failed"});
  ASSERT_NE(catalogue.find("scan.failed"), nullptr);
  EXPECT_EQ(catalogue.find("scan.failed")->name, "scan.failed");
  EXPECT_EQ(catalogue.find_index("scan.failed"), 1U);
  EXPECT_EQ(catalogue.find("scan"), nullptr);
  EXPECT_FALSE(catalogue.find_index("scan.failed "));
  EXPECT_EQ(catalogue.types().size(), 2U);
}

TEST(Catalogue, RefusesAMalformedOrDoubledName) {
  const auto create = [](std::vector<std::string> names) {
    std::vector<EventType> types;
    for (auto& name : names)
      types.push_back(
          {std::move(name), "", Category::kSecurityAlert, {}, Severity::kInfo, false, Severity::kInfo});
    return Catalogue::create(std::move(types));
  };
  EXPECT_THAT(create({"Finding.created"}).error().detail, HasSubstr("[a-z0-9_]"));
  EXPECT_THAT(create({"a.b", "a.b"}).error().detail, HasSubstr("listed twice"));
}

TEST(Catalogue, SuggestsNearNamesThenTheSameGroup) {
  const auto catalogue = make_catalogue({"finding.created", "finding.resolved", "scan.failed", "user.login"});
  EXPECT_THAT(catalogue.near_matches("finding.craeted"), ElementsAre("finding.created", "finding.resolved"));
  EXPECT_THAT(catalogue.near_matches("scan.exploded_loudly"), ElementsAre("scan.failed"));
  EXPECT_THAT(catalogue.near_matches("zzz.qqq"), IsEmpty());
}

TEST(NearestNames, AreWithinAThirdOfTheLengthBestFirst) {
  EXPECT_THAT(nearest_names("chanels", {"rules", "channel", "channels"}), ElementsAre("channels", "channel"));
  EXPECT_THAT(nearest_names("x", {"a", "x"}, 1), ElementsAre("x"));
  EXPECT_THAT(nearest_names(std::string(101, 'a'), {std::string(101, 'a')}), IsEmpty())
      << "too long to be a typing slip";
  EXPECT_THAT(nearest_names("", {"a"}), IsEmpty());
}

}  // namespace
}  // namespace tocsin
