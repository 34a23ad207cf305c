// /v1/teams/{team}/channels: lists, status, and tests over a scripted instance.
#include <gmock/gmock.h>

#include "api/api_fixture.hpp"
#include "delivery/fixtures.hpp"

namespace tocsin::api {
namespace {

using delivery::ScriptedInstance;
using testing::HasSubstr;

class Channels : public ApiTest {
 protected:
  // demo's channel "audit" answers so; nothing: it leaves open what it is given.
  std::shared_ptr<ScriptedInstance> serve(std::optional<OutcomeStatus> status) {
    auto instance = std::make_shared<ScriptedInstance>(engine_->sink(), [status](const plugin::Job&) {
      return status ? std::optional(delivery::outcome(*status)) : std::nullopt;
    });
    delivery::ChannelSetup setup;
    setup.id = routes("demo").channels[0];
    setup.team = "demo";
    setup.name = "audit";
    setup.type = "webhook";
    setup.instance = instance;
    engine_->configure({setup}, {});
    return instance;
  }
  Answer test(std::string_view body = {}, const std::string& principal = "admin") {
    return call(principal, "POST", "/v1/teams/demo/channels/audit/test", body);
  }
};

TEST_F(Channels, ListsTheTeamsChannelsAndNoOthers) {
  const Answer answer = get("/v1/teams/demo/channels", "admin");
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(answer.size_at("/channels"), 1U);
  EXPECT_EQ(answer.at("/channels/0/name"), "audit");
  EXPECT_EQ(answer.at("/channels/0/status/state"), "unavailable");
  EXPECT_EQ(get("/v1/teams/platform/channels").body, R"({"channels":[{"name":"audit","type":"theirs"}]})");
}

TEST_F(Channels, SaysHowOneIs) {
  const Answer answer = get("/v1/teams/demo/channels/audit/status", "admin");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/reason"), "its plugin is \"missing\"");
  expect_problem(get("/v1/teams/demo/channels/nowhere/status", "admin"), 404, "not-found");
}

TEST_F(Channels, HidesOtherTeams) {
  for (const auto* path : {"/v1/teams/platform/channels", "/v1/teams/platform/channels/hook/status"}) {
    expect_problem(get(path, "admin"), 404, "not-found");
  }
  expect_problem(call("admin", "POST", "/v1/teams/platform/channels/hook/test"), 404, "not-found");
}

TEST_F(Channels, ATestMessageIsAnEventWithADeliveryAndAnAttemptOnRecord) {
  serve(OutcomeStatus::kDelivered);
  const Answer answer = test();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.at("/result"), "delivered");
  EXPECT_THAT(answer.at("/message"), HasSubstr("Delivered: the receiver confirmed it"));
  EXPECT_EQ(answer.at("/attempt/outcome"), "delivered");
  const Answer event = get("/v1/events/" + answer.at("/event"));
  EXPECT_EQ(event.at("/type"), "channel.test");
  ASSERT_EQ(event.size_at("/deliveries"), 1U) << "no rule takes it elsewhere";
  EXPECT_EQ(event.at("/deliveries/0/id"), answer.at("/delivery"));
  EXPECT_EQ(event.at("/deliveries/0/attempts/0/outcome"), "delivered");
  EXPECT_EQ(get(answer.header("location")).at("/id"), answer.at("/delivery"));
  const Answer why = get("/v1/events/" + answer.at("/event") + "/explain");
  EXPECT_EQ(why.at("/findings/0/kind"), "test");
  EXPECT_EQ(why.at("/channels/0"), "audit");
}

TEST_F(Channels, AFailedTestSaysWhyAndHasFailedForGood) {
  serve(OutcomeStatus::kRetry);
  const Answer answer = test(R"({"kind":"message"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/result"), "failed");
  EXPECT_THAT(answer.at("/message"), HasSubstr("It went so. This looks temporary"));
  EXPECT_EQ(get(answer.header("location")).at("/state"), "failed");
}

TEST_F(Channels, TestsTheConnectionAloneWithoutAnEvent) {
  const auto instance = serve(std::nullopt);
  std::thread answers([&] {
    Attempt attempt;
    attempt.outcome = delivery::outcome(OutcomeStatus::kMisconfigured);
    if (const auto done = instance->wait_for_verification()) done(attempt);
  });
  const Answer answer = test(R"({"kind":"connection"})");
  answers.join();
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.at("/result"), "failed");
  EXPECT_EQ(answer.at("/delivery"), "");
  EXPECT_EQ(get("/v1/teams/demo/deliveries").size_at("/deliveries"), 0U);
}

TEST_F(Channels, RefusesATestThatCannotBe) {
  const Answer unavailable = test();
  expect_problem(unavailable, 409, "conflict");
  EXPECT_THAT(unavailable.at("/detail"), HasSubstr("its plugin is \"missing\""));
  EXPECT_EQ(get("/v1/teams/demo/deliveries").size_at("/deliveries"), 0U) << "nothing was stored";
  expect_problem(call("admin", "POST", "/v1/teams/demo/channels/nowhere/test"), 404, "not-found");
  serve(OutcomeStatus::kDelivered);
  expect_problem(test("{"), 400, "malformed");
  for (const auto* body : {"[]", R"({"kind":"mail"})", R"({"kind":1})", R"({"kid":"message"})"}) {
    expect_problem(test(body), 422, "invalid");
  }
  EXPECT_EQ(test(R"({"kind":"mail"})").at("/errors/0/pointer"), "/kind");
  EXPECT_EQ(test(R"({"kid":"message"})").at("/errors/0/pointer"), "/kid");
  expect_problem(test({}, "service"), 403, "forbidden");
  expect_problem(test({}, "member"), 403, "forbidden");
}

TEST_F(Channels, RefusesASecondTestWhileOneIsUnderWay) {
  const auto instance = serve(std::nullopt);
  std::thread second([&] {
    EXPECT_TRUE(instance->wait_for_jobs(1));
    auto client = connect();
    const std::vector<net::Header> headers = {{"Authorization", "Bearer " + token("admin")}};
    expect_problem(ask(client, "POST", "/v1/teams/demo/channels/audit/test", {}, headers), 409, "conflict");
    instance->complete_all(delivery::outcome(OutcomeStatus::kAccepted));
  });
  const Answer answer = test();
  second.join();
  EXPECT_EQ(answer.at("/result"), "accepted");
}

TEST_F(Channels, SaysThatATestWaitsWhereItTakesTooLong) {
  const auto instance = serve(std::nullopt);
  std::thread time([&] {
    EXPECT_TRUE(instance->wait_for_jobs(1));
    clock_.advance_ms(25'000);
    engine_->wake();
  });
  const Answer answer = test();
  time.join();
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(answer.at("/result"), "waiting");
  EXPECT_EQ(get(answer.header("location")).at("/id"), answer.at("/delivery"));
}

}  // namespace
}  // namespace tocsin::api
