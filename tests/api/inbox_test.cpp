// The notification centre over HTTP: lists, filters and pages, marks and their answers, one user and one team
// at a time, and requests that mean nothing.
#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

constexpr const char* kInbox = "/v1/teams/demo/inbox";

class InboxApi : public ApiTest {
 protected:
  std::string put(const std::string& key, const std::string& user = "") {
    return format_item_id(put_item("demo", key, user));
  }
  Answer mark(const std::string& who, const std::string& action, const std::vector<std::string>& items) {
    boost::json::array ids;
    for (const auto& item : items) ids.emplace_back(item);
    return post(who, action, boost::json::serialize(boost::json::object{{"items", ids}}));
  }
  Answer post(const std::string& who, const std::string& action, std::string_view body) {
    return call(who, "POST", std::string(kInbox) + "/" + action, body,
                {{"Content-Type", "application/json"}});
  }
  std::vector<std::string> ids(const std::string& who, const std::string& query = "") {
    const Answer answer = get(kInbox + query, who);
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> found;
    for (std::size_t i = 0; i < answer.size_at("/items"); ++i) {
      found.push_back(answer.at("/items/" + std::to_string(i) + "/id"));
    }
    return found;
  }
  std::string counts(const std::string& who) { return get(std::string(kInbox) + "/counts", who).body; }
};

using Ids = std::vector<std::string>;

TEST_F(InboxApi, ListsTheNewestFirstWithTheCallersMarks) {
  const std::string a = put("a"), b = put("b");
  EXPECT_EQ(ids("alice"), (Ids{b, a}));
  const Answer answer = get(kInbox, "alice");
  EXPECT_EQ(answer.at("/items/1/key"), "a");
  EXPECT_EQ(answer.at("/items/1/title"), "about a");
  EXPECT_EQ(answer.at("/items/1/severity"), "high");
  EXPECT_EQ(answer.at("/items/1/read_at"), "null");
  EXPECT_EQ(answer.at("/next"), "null");
  EXPECT_EQ(get("/v1/teams/platform/inbox", "operator").body, R"({"items":[],"next":null})");
}

TEST_F(InboxApi, MarksForOneUserAndAnswersWithTheCounts) {
  const std::string a = put("a"), b = put("b");
  const Answer marked = mark("alice", "read", {a});
  EXPECT_EQ(marked.status, 200);
  EXPECT_EQ(marked.body, R"({"changed":1,"unknown":[],"counts":{"total":2,"unread":1,"unseen":1}})");
  EXPECT_EQ(mark("alice", "read", {a}).at("/changed"), "0");
  EXPECT_EQ(counts("laptop"), R"({"total":2,"unread":2,"unseen":2})");
  EXPECT_EQ(ids("alice", "?filter=unread"), Ids{b});
  EXPECT_EQ(ids("alice", "?filter=read"), Ids{a});
  EXPECT_EQ(mark("alice", "archive", {b}).at("/counts/total"), "1");
  EXPECT_EQ(ids("alice"), Ids{a});
  EXPECT_EQ(ids("alice", "?filter=archived"), Ids{b});
  EXPECT_EQ(ids("alice", "?filter=all"), (Ids{b, a}));
  EXPECT_EQ(mark("alice", "unarchive", {b}).at("/counts/unread"), "0");
  EXPECT_EQ(mark("alice", "unread", {b}).at("/counts/unread"), "1");
  EXPECT_EQ(mark("alice", "unseen", {a}).at("/counts"), R"({"total":2,"unread":2,"unseen":1})");
  EXPECT_EQ(mark("alice", "seen", {a}).at("/counts/unseen"), "0");
}

TEST_F(InboxApi, GoesByTheUserATokenActsForAndNotByTheTokensName) {
  const std::string his = put("his", "bob");
  EXPECT_EQ(ids("laptop"), Ids{his});
  EXPECT_EQ(ids("alice"), Ids{});
  EXPECT_EQ(mark("alice", "read", {his}).at("/unknown/0"), his);
  EXPECT_EQ(counts("laptop"), R"({"total":1,"unread":1,"unseen":1})");
}

TEST_F(InboxApi, ReadsAllUpToAnItem) {
  const std::string a = put("a"), b = put("b"), late = put("late");
  const Answer read = post("alice", "read-all", R"({"up_to":")" + b + "\"}");
  EXPECT_EQ(read.body, R"({"changed":2,"unknown":[],"counts":{"total":3,"unread":1,"unseen":1}})");
  EXPECT_EQ(ids("alice", "?filter=unread"), Ids{late});
  const Answer ahead = post("alice", "read-all", R"({"up_to":")" + format_item_id(1'000) + "\"}");
  expect_problem(ahead, 422, "invalid");
  EXPECT_EQ(ahead.at("/errors/0/pointer"), "/up_to");
}

TEST_F(InboxApi, PagesWithoutGapWhileItemsArrive) {
  Ids put_before;
  for (int i = 0; i < 7; ++i) put_before.insert(put_before.begin(), put("k" + std::to_string(i)));
  Ids seen;
  std::string cursor;
  for (int page = 0; page < 4; ++page) {
    const Answer answer = get(kInbox + std::string("?limit=2") + cursor, "alice");
    for (std::size_t i = 0; i < answer.size_at("/items"); ++i) {
      seen.push_back(answer.at("/items/" + std::to_string(i) + "/id"));
    }
    cursor = "&cursor=" + answer.at("/next");
    put("meanwhile" + std::to_string(page));
  }
  EXPECT_EQ(cursor, "&cursor=null");
  EXPECT_EQ(seen, put_before);
}

TEST_F(InboxApi, FiltersByWhatTheItemSays) {
  const std::string a = put("a");
  EXPECT_EQ(ids("alice", "?severity=high&category=security_alert&source=registry&type=scan.failed"), Ids{a});
  for (const char* query : {"?severity=low", "?category=system_error", "?source=x", "?type=x"}) {
    EXPECT_EQ(ids("alice", query), Ids{}) << query;
  }
}

TEST_F(InboxApi, RefusesQueriesThatMeanNothingAndNamesTheParameter) {
  for (const auto& [query, parameter] : std::map<std::string, std::string>{{"?filter=new", "filter"},
                                                                           {"?severity=bad", "severity"},
                                                                           {"?category=x", "category"},
                                                                           {"?cursor=7", "cursor"},
                                                                           {"?limit=0", "limit"},
                                                                           {"?limit=201", "limit"},
                                                                           {"?limit=2x", "limit"}}) {
    const Answer answer = get(kInbox + query, "alice");
    expect_problem(answer, 422, "invalid");
    EXPECT_EQ(answer.at("/errors/0/pointer"), parameter) << query;
  }
}

TEST_F(InboxApi, RefusesBodiesThatMeanNothingAndNamesThePlace) {
  std::string many = R"({"items":[)";
  for (int i = 0; i < 201; ++i) many += (i == 0 ? "\"" : ",\"") + format_item_id(i) + '"';
  many += "]}";
  const std::pair<std::string, std::string> bodies[] = {
      {"[]", ""},
      {"{}", "/items"},
      {R"({"items":"itm_0000000000001"})", "/items"},
      {R"({"items":[]})", "/items"},
      {many, "/items"},
      {R"({"items":["itm_0000000000001",7]})", "/items/1"},
      {R"({"items":["evt_0000000000001"]})", "/items/0"},
      {R"({"items":["itm_0000000000001"],"user":"bob"})", "/user"},
  };
  for (const auto* no_json : {"", "nonsense", R"({"items":[],"items":[]})"}) {
    expect_problem(post("alice", "read", no_json), 400, "malformed");
  }
  for (const auto& [body, pointer] : bodies) {
    const Answer answer = post("alice", "read", body);
    expect_problem(answer, 422, "invalid");
    EXPECT_EQ(answer.at("/errors/0/pointer"), pointer) << body.substr(0, 80);
  }
  EXPECT_EQ(post("alice", "read-all", R"({"up_to":3})").at("/errors/0/pointer"), "/up_to");
  EXPECT_EQ(post("alice", "read-all", R"({"items":[]})").at("/errors/0/pointer"), "/items");
}

TEST_F(InboxApi, HidesAnotherTeamsCentreBehind404) {
  put("a");
  for (const char* path :
       {"/v1/teams/demo/inbox", "/v1/teams/demo/inbox/counts", "/v1/teams/nowhere/inbox"}) {
    expect_problem(get(path, "other"), 404, "not-found");
  }
  const Answer answer = call("other", "POST", "/v1/teams/demo/inbox/read",
                             R"({"items":["itm_0000000000001"]})", {{"Content-Type", "application/json"}});
  expect_problem(answer, 404, "not-found");
  EXPECT_EQ(counts("alice"), R"({"total":1,"unread":1,"unseen":1})");
}

}  // namespace
}  // namespace tocsin::api
