// What is named although nothing is refused for it.
#include "plugin/misuse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::plugin {
namespace {

using ::testing::HasSubstr;

constexpr const char* kToken = "tsec_0123456789abcdefghijABCDEFGHIJKL";

tocsin_outcome outcome(int status, const char* detail = "", const char* provider_id = "") {
  tocsin_outcome made{};
  made.size = sizeof made;
  made.status = status;
  made.detail = tocsin_lit(detail);
  made.provider_id = tocsin_lit(provider_id);
  return made;
}

TEST(Misuse, SaysNothingOfWhatIsSound) {
  EXPECT_EQ(find_misuse(outcome(TOCSIN_DELIVERED, "taken", "id-1"), 200), "");
  EXPECT_EQ(find_misuse(outcome(TOCSIN_DELIVERED), 0), "") << "without an exchange";
  EXPECT_EQ(find_misuse(outcome(TOCSIN_DELIVERED), 409), "") << "some say so of what they have already";
  EXPECT_EQ(find_misuse(outcome(TOCSIN_RETRY), 503), "");
  EXPECT_EQ(find_misuse(outcome(TOCSIN_REJECTED), 400), "");
  EXPECT_EQ(find_misuse(outcome(TOCSIN_REJECTED), 500), "") << "some say so of this message alone";
}

TEST(Misuse, NamesAFailureThatIsTakenForSuccess) {
  EXPECT_THAT(find_misuse(outcome(TOCSIN_DELIVERED), 500), HasSubstr("the receiver answered 500"));
  EXPECT_THAT(find_misuse(outcome(TOCSIN_ACCEPTED), 503), HasSubstr("takes a failure for success"));
}

TEST(Misuse, NamesWhatIsGivenUpAndWouldPassByItself) {
  for (const int status : {429, 502, 503, 504}) {
    EXPECT_THAT(find_misuse(outcome(TOCSIN_REJECTED), status), HasSubstr("gives up")) << status;
  }
}

TEST(Misuse, KnowsATokenWhereverItStands) {
  EXPECT_TRUE(holds_token(kToken));
  EXPECT_TRUE(holds_token("tsec_ tsec_short and " + std::string(kToken) + "!"));
  EXPECT_FALSE(holds_token("tsec_ is how a token starts"));
  EXPECT_FALSE(holds_token(std::string(kToken).substr(0, 36)));
  EXPECT_THAT(find_misuse(outcome(TOCSIN_RETRY, kToken), 500), HasSubstr("token of a secret"));
  EXPECT_THAT(find_misuse(outcome(TOCSIN_DELIVERED, "", kToken), 200), HasSubstr("token of a secret"));
}

TEST(Misuse, NamesWhatIsNotUtf8) {
  EXPECT_THAT(find_misuse(outcome(TOCSIN_DELIVERED, "caf\xE9"), 200), HasSubstr("not UTF-8"));
  EXPECT_THAT(find_misuse(outcome(TOCSIN_DELIVERED, "", "\xF0\x28\x8C\x28"), 200), HasSubstr("not UTF-8"));
  const std::string cut_by_the_host = std::string(5000, 'x') + "\xC3";
  EXPECT_EQ(find_misuse(outcome(TOCSIN_DELIVERED, cut_by_the_host.c_str()), 200), "");
}

}  // namespace
}  // namespace tocsin::plugin
