#include "security/principal.hpp"

#include <gtest/gtest.h>

namespace tocsin::security {
namespace {

Principal principal_of(Role role, std::vector<std::string> teams = {"payments"}) {
  return Principal{"test", role, std::move(teams)};
}

TEST(Principal, MayDoWhatItsRoleIsGranted) {
  struct Case {
    Role role;
    bool push, read, catalogue, plugins;
  };
  for (const Case& c :
       {Case{Role::kService, true, true, true, false}, Case{Role::kMember, false, false, true, false},
        Case{Role::kAdmin, true, true, true, false}, Case{Role::kOperator, true, true, true, true}}) {
    const auto principal = principal_of(c.role);
    EXPECT_EQ(principal.may(Permission::kPushEvents), c.push) << to_string(c.role);
    EXPECT_EQ(principal.may(Permission::kReadEvents), c.read) << to_string(c.role);
    EXPECT_EQ(principal.may(Permission::kReadCatalogue), c.catalogue) << to_string(c.role);
    EXPECT_EQ(principal.may(Permission::kReadPlugins), c.plugins) << to_string(c.role);
    EXPECT_EQ(find_role(to_string(c.role)), c.role);
  }
  EXPECT_FALSE(find_role("root"));
}

TEST(Principal, SeesItsTeamsAndAnOperatorSeesAll) {
  EXPECT_TRUE(principal_of(Role::kService).sees("payments"));
  EXPECT_FALSE(principal_of(Role::kAdmin).sees("platform"));
  EXPECT_FALSE(principal_of(Role::kService, {}).sees(""));
  EXPECT_TRUE(principal_of(Role::kOperator, {}).sees("platform"));
}

TEST(TokenHash, IsTheSha256OfTheToken) {
  const auto expected = parse_token_hash("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  ASSERT_TRUE(expected);
  EXPECT_EQ(hash_token("abc"), *expected);
  EXPECT_EQ(parse_token_hash("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"), *expected);
  EXPECT_FALSE(parse_token_hash(""));
  EXPECT_FALSE(parse_token_hash(std::string(63, 'a')));
  EXPECT_FALSE(parse_token_hash(std::string(63, 'a') + "g"));
}

TEST(MakeToken, GivesAFreshUrlSafeTokenEachTime) {
  const std::string token = make_token();
  EXPECT_EQ(token.size(), 47U);
  EXPECT_TRUE(token.starts_with("tcs_"));
  EXPECT_EQ(token.find_first_of("+/="), std::string::npos);
  EXPECT_NE(token, make_token());
}

TEST(TokenTable, FindsATokenUntilItExpires) {
  const TokenTable table({{hash_token("forever"), principal_of(Role::kService), 0},
                          {hash_token("until"), principal_of(Role::kAdmin), 1'000}});
  ASSERT_NE(table.find("forever", 1'000'000), nullptr);
  EXPECT_EQ(table.find("forever", 1'000'000)->role, Role::kService);
  EXPECT_NE(table.find("until", 999), nullptr);
  EXPECT_EQ(table.find("until", 1'000), nullptr);
  EXPECT_EQ(table.find("unknown", 0), nullptr);
  EXPECT_EQ(table.find("", 0), nullptr);
  EXPECT_EQ(TokenTable().find("forever", 0), nullptr);
}

}  // namespace
}  // namespace tocsin::security
