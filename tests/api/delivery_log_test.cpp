// GET /v1/teams/{team}/deliveries and …/deliveries/{id}.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

class DeliveryLog : public ApiTest {
 protected:
  // Every id of the list in the order given, over all pages of this size.
  std::vector<std::string> all(const std::string& query, std::size_t page) {
    std::vector<std::string> ids;
    std::string cursor;
    for (int pages = 0; pages < 100; ++pages) {
      const Answer answer =
          get("/v1/teams/demo/deliveries?" + query + "&limit=" + std::to_string(page) + cursor);
      EXPECT_EQ(answer.status, 200) << answer.body;
      EXPECT_LE(answer.size_at("/deliveries"), page);
      for (std::size_t i = 0; i < answer.size_at("/deliveries"); ++i) {
        ids.push_back(answer.at("/deliveries/" + std::to_string(i) + "/id"));
      }
      if (answer.at("/next") == "null") return ids;
      cursor = "&cursor=" + answer.at("/next");
    }
    ADD_FAILURE() << "the list has no end";
    return ids;
  }

  std::size_t count(const std::string& query) { return all(query, 200).size(); }
};

TEST_F(DeliveryLog, ListsTheTeamsDeliveriesNewestFirst) {
  const std::string first = push_id(R"({"team":"demo","type":"user.login"})");
  push_id(R"({"team":"platform","type":"scan.failed"})");
  const std::string second = push_id(R"({"team":"demo","type":"scan.failed"})");
  const Answer answer = get("/v1/teams/demo/deliveries");
  EXPECT_EQ(answer.status, 200);
  ASSERT_EQ(answer.size_at("/deliveries"), 3U);
  EXPECT_EQ(answer.at("/deliveries/0/event"), second);
  EXPECT_EQ(answer.at("/deliveries/0/channel"), "mail");
  EXPECT_EQ(answer.at("/deliveries/0/severity"), "high");
  EXPECT_EQ(answer.at("/deliveries/0/event_type"), "scan.failed");
  EXPECT_EQ(answer.at("/deliveries/2/event"), first);
  EXPECT_EQ(answer.at("/deliveries/0/attempts"), "");
  EXPECT_EQ(answer.at("/next"), "null");
}

TEST_F(DeliveryLog, IsEmptyForATeamWithoutDeliveries) {
  EXPECT_EQ(get("/v1/teams/platform/deliveries").body, R"({"deliveries":[],"next":null})");
}

TEST_F(DeliveryLog, FiltersByChannelStateTypeAndTime) {
  push_id(R"({"team":"demo","type":"user.login"})");
  finish_waiting(0, DeliveryState::kDelivered);
  clock_.advance_ms(3'600'000);
  push_id(R"({"team":"demo","type":"scan.failed"})");
  EXPECT_EQ(count(""), 3U);
  EXPECT_EQ(count("channel=audit"), 2U);
  EXPECT_EQ(count("channel=mail"), 1U);
  EXPECT_EQ(count("channel=pager"), 0U);
  EXPECT_EQ(count("state=delivered"), 1U);
  EXPECT_EQ(count("state=pending"), 2U);
  EXPECT_EQ(count("state=failed"), 0U);
  EXPECT_EQ(count("type=user.login"), 1U);
  EXPECT_EQ(count("type=no.such"), 0U);
  EXPECT_EQ(count("since=" + format_rfc3339(clock_.unix_ms())), 2U);
  EXPECT_EQ(count("since=" + format_rfc3339(clock_.unix_ms() + 1)), 0U);
  EXPECT_EQ(count("since=2026-01-01T00:00:00%2B01:00"), 3U);
  EXPECT_EQ(count("channel=audit&state=pending&type=scan.failed"), 1U);
  EXPECT_EQ(count("ch%61nnel=aud%69t"), 2U);
}

TEST_F(DeliveryLog, GivesEveryDeliveryOnceOverItsPages) {
  std::string body;
  for (int i = 0; i < 50; ++i) body += std::string(kScanFailed) + "\n";
  ASSERT_EQ(call("operator", "POST", "/v1/events", body, {{"Content-Type", "application/x-ndjson"}}).status,
            202);
  const auto whole = all("", 200);
  ASSERT_EQ(whole.size(), 100U);
  for (const std::size_t page : {1U, 7U, 50U, 100U}) EXPECT_EQ(all("", page), whole) << page;
  EXPECT_EQ(all("channel=mail", 7).size(), 50U);
  EXPECT_TRUE(std::is_sorted(whole.rbegin(), whole.rend()));
}

TEST_F(DeliveryLog, GoesOnWhereItWasAlsoWhenNewOnesCome) {
  for (int i = 0; i < 4; ++i) push_id(R"({"team":"demo","type":"user.login"})");
  const Answer first = get("/v1/teams/demo/deliveries?limit=2");
  push_id(R"({"team":"demo","type":"user.login"})");
  const Answer second = get("/v1/teams/demo/deliveries?limit=2&cursor=" + first.at("/next"));
  ASSERT_EQ(second.size_at("/deliveries"), 2U);
  EXPECT_LT(second.at("/deliveries/0/id"), first.at("/deliveries/1/id"));
}

TEST_F(DeliveryLog, NamesTheParameterThatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"channel=nowhere", "channel"},
      {"channel=", "channel"},
      {"channel=hook", "channel"},
      {"state=done", "state"},
      {"state=", "state"},
      {"state=Delivered", "state"},
      {"since=yesterday", "since"},
      {"since=2026-11-23", "since"},
      {"since=", "since"},
      {"cursor=x", "cursor"},
      {"cursor=", "cursor"},
      {"cursor=evt_01KBQ5T8Z0000", "cursor"},
      {"cursor=dlv_ZZZZZZZZZZZZZ", "cursor"},
      {"limit=0", "limit"},
      {"limit=201", "limit"},
      {"limit=-1", "limit"},
      {"limit=", "limit"},
      {"limit=ten", "limit"},
      {"limit=10x", "limit"},
      {"limit=%2010", "limit"},
      {"limit=99999999999999999999999", "limit"},
  };
  for (const auto& [query, name] : cases) {
    SCOPED_TRACE(query);
    const Answer answer = get("/v1/teams/demo/deliveries?" + query);
    expect_problem(answer, 422, "invalid");
    EXPECT_EQ(answer.at("/errors/0/pointer"), name);
  }
}

TEST_F(DeliveryLog, ShowsOneDeliveryWithItsAttempts) {
  const Answer pushed = push(kScanFailed);
  finish_waiting(0, DeliveryState::kFailed);
  const std::string path = "/v1/teams/demo/deliveries/" + pushed.at("/deliveries/0/id");
  const Answer answer = get(path, "service");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.at("/id"), pushed.at("/deliveries/0/id"));
  EXPECT_EQ(answer.at("/event"), pushed.at("/id"));
  EXPECT_EQ(answer.at("/state"), "failed");
  EXPECT_EQ(answer.at("/due"), "");
  EXPECT_NE(answer.at("/reason"), "");
  EXPECT_EQ(answer.size_at("/attempts"), 1U);
}

TEST_F(DeliveryLog, SaysWhenAScheduledDeliveryIsDue) {
  const Answer pushed = push(kScanFailed);
  finish_waiting(0, DeliveryState::kScheduled);
  const Answer answer = get("/v1/teams/demo/deliveries/" + pushed.at("/deliveries/0/id"));
  EXPECT_EQ(answer.at("/state"), "scheduled");
  EXPECT_EQ(answer.at("/tries"), "1");
  EXPECT_EQ(answer.at("/due"), format_rfc3339(clock_.unix_ms() + 5000));
  EXPECT_EQ(answer.at("/finished"), "");
}

TEST_F(DeliveryLog, KnowsNoDeliveryThatIsNotThere) {
  const std::string event = push_id(kScanFailed);
  for (const std::string& id : {std::string("x"), format_delivery_id(7), event, std::string("dlv_"),
                                std::string("dlv_0"), std::string("dlv_%2e%2e%2f")}) {
    expect_problem(get("/v1/teams/demo/deliveries/" + id), 404, "not-found");
  }
}

}  // namespace
}  // namespace tocsin::api
