// POST …/rules/preview: counts over stored events, against the team's rules of now.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

using testing::HasSubstr;

class RulePreview : public ApiTest {
 protected:
  Answer preview(std::string_view body, const std::string& principal = "admin") {
    return call(principal, "POST", "/v1/teams/demo/rules/preview", body);
  }
};

TEST_F(RulePreview, CountsWhatItWouldHaveMatchedAndWhereThatGoesNow) {
  push(kScanFailed);
  const auto id = push_id(R"({"team":"demo","type":"finding.created","severity":"critical","title":"A"})");
  push(R"({"team":"demo","type":"finding.created","severity":"low"})");
  push(R"({"team":"platform","type":"scan.failed"})");
  const Answer answer = preview(R"({"rule":{"severities":["critical"],"channels":["mail"]}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.at("/looked_at"), "3") << "another team's is not looked at";
  EXPECT_EQ(answer.at("/matched"), "1");
  EXPECT_EQ(answer.at("/unsent"), "0");
  EXPECT_EQ(answer.at("/events/0/id"), id);
  EXPECT_EQ(answer.at("/events/0/title"), "A");
  EXPECT_EQ(answer.at("/next"), "null");
  EXPECT_THAT(answer.body, HasSubstr(R"({"channel":"audit","events":1},)"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"channel":"pager","events":1})"));
}

TEST_F(RulePreview, SaysHowManyWouldGoElsewhere) {
  push(kScanFailed);
  EXPECT_EQ(preview(R"({"rule":{"channels":["audit"]}})").at("/changed"), "0") << "audit has it anyway";
  EXPECT_EQ(preview(R"({"rule":{"channels":["pager"]}})").at("/changed"), "1");
}

TEST_F(RulePreview, TriesARuleThatIsThereInItsPlace) {
  push(R"({"team":"demo","type":"finding.created","severity":"critical"})");
  const Answer same =
      preview(R"({"rule":{"name":"critical","severities":["critical"],"channels":["pager"]}})");
  EXPECT_EQ(same.status, 200) << same.body;
  EXPECT_EQ(same.at("/matched"), "1");
  EXPECT_EQ(same.at("/changed"), "0");
  EXPECT_EQ(
      preview(R"({"rule":{"name":"critical","severities":["low"],"channels":["pager"]}})").at("/matched"),
      "0");
}

TEST_F(RulePreview, LooksBackAsFarAsItIsAsked) {
  push(kScanFailed);
  clock_.advance_ms(std::int64_t{8} * 24 * 3'600'000);
  push(kScanFailed);
  EXPECT_EQ(preview(R"({"rule":{"channels":["audit"]}})").at("/matched"), "1") << "seven days";
  EXPECT_EQ(preview(R"({"rule":{"channels":["audit"]},"since":"2020-01-01T00:00:00Z"})").at("/matched"), "2");
}

TEST_F(RulePreview, GoesOnFromACursor) {
  push(kScanFailed);
  const auto newer = push_id(kScanFailed);
  const Answer answer = preview(R"({"rule":{"channels":["audit"]},"cursor":")" + newer + R"("})");
  EXPECT_EQ(answer.at("/matched"), "1");
  EXPECT_NE(answer.at("/events/0/id"), newer);
}

TEST_F(RulePreview, RefusesWhatSavingWouldRefuse) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({})", "/rule"},
      {R"({"rule":[]})", "/rule"},
      {R"({"rule":{}})", "/rule/channels"},
      {R"({"rule":{"channels":["nowhere"]}})", "/rule/channels/0"},
      {R"({"rule":{"channels":["audit"],"events":["scan.fialed"]}})", "/rule/events/0"},
      {R"({"rule":{"channels":["audit"],"severities":["urgent"]}})", "/rule/severities"},
      {R"({"rule":{"channels":["audit"]},"since":"yesterday"})", "/since"},
      {R"({"rule":{"channels":["audit"]},"cursor":"x"})", "/cursor"},
      {R"({"rule":{"channels":["audit"]},"page":1})", "/page"},
  };
  for (const auto& [body, pointer] : cases) {
    const Answer answer = preview(body);
    expect_problem(answer, 422, "invalid");
    EXPECT_THAT(answer.at("/errors/0/pointer"), HasSubstr(pointer)) << body << answer.body;
  }
  expect_problem(preview("{"), 400, "malformed");
}

}  // namespace
}  // namespace tocsin::api
