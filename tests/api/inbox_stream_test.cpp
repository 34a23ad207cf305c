// The notification centre, live: what a stream begins with, what it carries, how it resumes, and when it
// ends.
#include "api/api_fixture.hpp"
#include "net/raw_client.hpp"

namespace tocsin::api {
namespace {

class InboxStream : public ApiTest {
 protected:
  InboxStream() : ApiTest(8) {}
  net::RawClient open(const std::string& who, const std::string& more = "",
                      const std::string& team = "demo") {
    net::RawClient peer(server_->addresses().at(0));
    peer.send("GET /v1/teams/" + team +
              "/inbox/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token(who) + "\r\n" +
              more + "\r\n");
    head_ = peer.read_until("\r\n\r\n").value_or("");
    return peer;
  }
  // The next event that is no comment, as "type id data".
  static std::string next(net::RawClient& peer) {
    while (const auto block = peer.read_until("\n\n")) {
      std::string type, id, data;
      std::size_t at = 0;
      while (at < block->size()) {
        const std::string line = block->substr(at, block->find('\n', at) - at);
        at += line.size() + 1;
        if (line.starts_with("event: ")) type = line.substr(7);
        if (line.starts_with("id: ")) id = line.substr(4);
        if (line.starts_with("data: ")) data = line.substr(6);
      }
      if (!type.empty()) return type + ' ' + id + ' ' + data;
    }
    return "the end";
  }
  std::string put(const std::string& key, const std::string& user = "") {
    return format_item_id(put_item("demo", key, user));
  }
  static std::string last_id(InboxSeq seq) { return "Last-Event-ID: " + std::to_string(seq) + "\r\n"; }
  std::string head_;
};

TEST_F(InboxStream, BeginsWithItsPlaceAndThenTellsWhatComes) {
  const InboxSeq first = put_item("demo", "a");
  auto alice = open("alice"), laptop = open("laptop");
  EXPECT_NE(head_.find("HTTP/1.1 200 OK\r\n"), std::string::npos) << head_;
  EXPECT_NE(head_.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(head_.find("X-Accel-Buffering: no\r\n"), std::string::npos);
  EXPECT_EQ(next(alice), "ready " + std::to_string(first) + " {}");
  EXPECT_EQ(next(laptop), "ready " + std::to_string(first) + " {}");
  const std::string item = put("b");
  EXPECT_TRUE(next(alice).starts_with("item " + std::to_string(first + 1) + " {\"id\":\"" + item + '"'));
  EXPECT_TRUE(next(laptop).starts_with("item " + std::to_string(first + 1)));
}

TEST_F(InboxStream, TellsAUsersTabsWhatThatUserDidAndNobodyElses) {
  const std::string item = put("a");
  auto one = open("alice"), other = open("alice"), laptop = open("laptop");
  for (auto* peer : {&one, &other, &laptop}) next(*peer);
  EXPECT_EQ(call("alice", "POST", "/v1/teams/demo/inbox/read", R"({"items":[")" + item + "\"]}",
                 {{"Content-Type", "application/json"}})
                .status,
            200);
  EXPECT_NE(next(one).find(R"("action":"read","items":[")" + item), std::string::npos);
  EXPECT_NE(next(other).find(R"("action":"read")"), std::string::npos);
  put("b");
  EXPECT_TRUE(next(laptop).starts_with("item ")) << "another user's mark is not told";
}

TEST_F(InboxStream, ResumesWithoutAGapFromMemoryAndFromTheStore) {
  const InboxSeq first = put_item("demo", "a");
  put("b"), put("c", "alice"), put("d", "bob");
  auto alice = open("alice", last_id(first));  // nobody listened yet: from the store
  EXPECT_TRUE(next(alice).starts_with("ready " + std::to_string(first)));
  EXPECT_TRUE(next(alice).starts_with("item " + std::to_string(first + 1)));
  EXPECT_TRUE(next(alice).starts_with("item " + std::to_string(first + 2)));
  put("e");
  EXPECT_TRUE(next(alice).starts_with("item " + std::to_string(first + 4))) << "d is bob's";
  auto again = open("alice", last_id(first + 3));  // the hub remembers
  EXPECT_TRUE(next(again).starts_with("ready "));
  EXPECT_TRUE(next(again).starts_with("item " + std::to_string(first + 4)));
}

TEST_F(InboxStream, StartsAnewWhereTheIdIsNoneOfItsOwn) {
  const InboxSeq last = put_item("demo", "a");
  for (const char* id : {"nonsense", "-1", "99999999999999", "9999999999999999999999", "evt_1"}) {
    auto peer = open("alice", "Last-Event-ID: " + std::string(id) + "\r\n");
    EXPECT_NE(head_.find("200 OK"), std::string::npos) << id;
    std::string event = next(peer);
    if (event.starts_with("ready ")) event = next(peer);  // a number is believed until the store is asked
    EXPECT_EQ(event, "reset " + std::to_string(last) + " {}") << id;
  }
}

TEST_F(InboxStream, IsOfOneTeamOnly) {
  auto operator_of_other = open("operator", "", "platform");
  next(operator_of_other);
  put("a");
  put_item("platform", "x");
  EXPECT_NE(next(operator_of_other).find("\"key\":\"x\""), std::string::npos);
  auto other = open("other");
  EXPECT_NE(head_.find("404"), std::string::npos) << head_;
}

TEST_F(InboxStream, AsksToComeBackLaterWhereTooManyListen) {
  std::vector<net::RawClient> peers;
  for (int i = 0; i < 8; ++i) peers.push_back(open(i % 2 == 0 ? "alice" : "laptop"));
  auto late = open("alice");
  EXPECT_NE(head_.find("200 OK"), std::string::npos) << "any other status would end an EventSource for good";
  EXPECT_TRUE(next(late).starts_with("busy"));
  peers.clear();
  for (int i = 0; i < 1000 && service_->open_streams() > 0; ++i) on_api_thread([] {});
  EXPECT_EQ(service_->open_streams(), 0U) << "who left is noticed";
  auto again = open("alice");
  EXPECT_TRUE(next(again).starts_with("ready "));
}

TEST_F(InboxStream, EndsWithItsToken) {
  auto alice = open("alice"), laptop = open("laptop");
  next(alice), next(laptop);
  on_api_thread([&] {
    auto state = std::make_shared<ServiceState>();
    state->tokens = tokens();
    std::erase_if(state->tokens, [](const auto& entry) { return entry.principal.name != "laptop"; });
    service_->use(std::move(state));
  });
  EXPECT_TRUE(alice.read_end());
  put("a");
  EXPECT_TRUE(next(laptop).starts_with("item "));
}

TEST_F(InboxStream, SaysGoodbyeWhereTheServerStops) {
  auto alice = open("alice");
  next(alice);
  server_->stop(5000);
  EXPECT_TRUE(next(alice).starts_with("bye"));
  EXPECT_TRUE(alice.read_end());
}

}  // namespace
}  // namespace tocsin::api
