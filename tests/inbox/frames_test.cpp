// The stream's wire form, read back by the rules of WHATWG HTML 9.2 and judged by the corpus.
#include "inbox/frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "corpus.hpp"

namespace tocsin::inbox {
namespace {

struct Event {
  std::string type, data, id;
  bool operator==(const Event&) const = default;
};

// A client, by the standard's own steps.
struct Client {
  std::vector<Event> events;
  std::string last_id;
  std::string retry;

  void read(std::string_view stream) {
    if (stream.starts_with("\xEF\xBB\xBF")) stream.remove_prefix(3);
    std::string type, data, id = last_id;
    bool has_data = false;
    while (!stream.empty()) {
      const auto end = stream.find_first_of("\r\n");
      if (end == std::string_view::npos) return;  // an unfinished line
      const std::string_view line = stream.substr(0, end);
      stream.remove_prefix(end + (stream.substr(end, 2) == "\r\n" ? 2 : 1));
      if (line.empty()) {
        last_id = id;
        if (has_data)
          events.push_back({type.empty() ? "message" : type, data.substr(0, data.size() - 1), last_id});
        type.clear(), data.clear(), has_data = false;
        continue;
      }
      if (line.front() == ':') continue;
      const auto colon = std::min(line.find(':'), line.size());
      const std::string_view field = line.substr(0, colon);
      std::string_view value = line.substr(std::min(colon + 1, line.size()));
      if (value.starts_with(' ')) value.remove_prefix(1);
      if (field == "event") type = value;
      if (field == "data") data += std::string(value) + '\n', has_data = true;
      if (field == "id" && value.find('\0') == std::string_view::npos) id = value;
      if (field == "retry" && !value.empty() &&
          value.find_first_not_of("0123456789") == std::string_view::npos)
        retry = value;
    }
  }
};

std::string normalised(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out.push_back('\n');
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

TEST(SseCorpus, IsReadByThisTestsClientAsTheStandardSays) {
  const auto corpus = tests::load_corpus("sse_cases.json");
  for (const auto& row : corpus.at("parse").as_array()) {
    Client client;
    client.read(std::string_view(row.at("stream").as_string()));
    std::vector<Event> expected;
    for (const auto& event : row.at("events").as_array())
      expected.push_back({std::string(event.at("type").as_string()),
                          std::string(event.at("data").as_string()),
                          std::string(event.at("id").as_string())});
    EXPECT_EQ(client.events, expected) << row.at("name");
  }
}

TEST(SseFrame, IsWrittenAsTheCorpusSays) {
  const auto corpus = tests::load_corpus("sse_cases.json");
  for (const auto& row : corpus.at("encode").as_array()) {
    if (row.at("name").as_string() == "id_injection") continue;  // an id is a number here
    EXPECT_EQ(sse_frame("", row.at("input").as_string(), std::nullopt),
              std::string_view(row.at("expected").as_string()))
        << row.at("name");
  }
}

TEST(SseFrame, ComesBackAsItWasSent) {
  std::mt19937 random(20261127);
  static constexpr std::string_view kPieces[] = {"a",      "\n",    "\r",   "\r\n", ":",         " ",
                                                 "data: ", "id: 7", "\n\n", "é🚨",   "{\"x\":1}", ""};
  for (int i = 0; i < 2000; ++i) {
    std::string data;
    for (std::size_t n = 0; n < random() % 12; ++n) data += kPieces[random() % std::size(kPieces)];
    Client client;
    client.read(sse_frame("item", data, 42));
    ASSERT_EQ(client.events.size(), 1U);
    EXPECT_EQ(client.events[0], (Event{"item", normalised(data), "42"}));
  }
}

TEST(SseFrame, HasNoIdWhereItIsNoStepOfTheSequence) {
  Client client;
  client.read(sse_frame("item", "x", 5) + sse_frame("note", "y", std::nullopt));
  EXPECT_EQ(client.events[1], (Event{"note", "y", "5"})) << "the last id stays";
}

TEST(OpeningFrame, SaysWhereTheStreamBegins) {
  Client client;
  client.read(opening_frame(2500, 77, false));
  EXPECT_EQ(client.events, (std::vector<Event>{{"ready", "{}", "77"}}));
  EXPECT_EQ(client.retry, "2500");
  client.read(opening_frame(2500, 78, true));
  EXPECT_EQ(client.events[1].type, "reset");
  EXPECT_EQ(client.last_id, "78");
}

TEST(ChangeFrame, IsTheItemOrWhatWasDone) {
  InboxChange change;
  change.seq = 9;
  auto item = std::make_shared<InboxItem>();
  item->seq = 9;
  item->title = "A \"bucket\"\nis public";
  item->json = "{\"a\":1}";
  change.item = item;
  Client client;
  client.read(change_frame(change));
  ASSERT_EQ(client.events.size(), 1U);
  EXPECT_EQ(client.events[0].type, "item");
  EXPECT_EQ(client.events[0].id, "9");
  const auto json = boost::json::parse(client.events[0].data);
  EXPECT_EQ(json.at("title").as_string(), "A \"bucket\"\nis public");
  EXPECT_EQ(json.at("data").at("a").as_int64(), 1);

  change.item = nullptr;
  change.action = InboxAction::kArchive;
  change.items = {3, 4};
  client.read(change_frame(change));
  EXPECT_EQ(client.events[1].type, "change");
  const auto done = boost::json::parse(client.events[1].data);
  EXPECT_EQ(done.at("action").as_string(), "archived");
  EXPECT_EQ(done.at("items").as_array().size(), 2U);

  change.action = InboxAction::kReadAll;
  change.items = {};
  change.up_to = 9;
  client.read(change_frame(change));
  EXPECT_TRUE(boost::json::parse(client.events[2].data).as_object().contains("up_to"));
}

TEST(EventId, IsAPlainNumberAndNothingElse) {
  EXPECT_EQ(read_event_id("0"), 0);
  EXPECT_EQ(read_event_id("9223372036854775807"), INT64_MAX);
  for (const char* bad :
       {"", " 1", "1 ", "-1", "+1", "01", "1.0", "0x1", "evt_1", "9223372036854775808", "1\n", "𝟙"})
    EXPECT_FALSE(read_event_id(bad)) << bad;
}

}  // namespace
}  // namespace tocsin::inbox
