// The channel as the host sees it: its answers to Slack's answers, and what it sends when Slack refuses the
// blocks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tocsin/testing/fake_host.hpp>

#include "corpus.hpp"
#include "slack/reply.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::testing::http_reply;
using tocsin::testing::sample_message;

tocsin::outcome read(const http_reply& reply) {
  tocsin::outcome result;
  reply.as_c([&](const tocsin_http_response& c) { result = slack::read_reply(tocsin::http_response(c)); });
  return result;
}

int expected_status(std::string_view corpus_class) {
  if (corpus_class == "success") return TOCSIN_DELIVERED;
  if (corpus_class == "misconfigured" || corpus_class == "permanent_config") return TOCSIN_MISCONFIGURED;
  if (corpus_class == "permanent_message") return TOCSIN_REJECTED;
  if (corpus_class == "permanent_disable") return TOCSIN_GONE;
  if (corpus_class == "throttle") return TOCSIN_RATE_LIMITED;
  return corpus_class == "transient" ? TOCSIN_RETRY : 0;
}

TEST(SlackReply, AgreesWithTheCorpus) {
  const auto corpus = tocsin::tests::load_corpus("slack_responses.json");
  for (const auto& row : corpus.as_array()) {
    const http_reply reply{.status = static_cast<int>(row.at("status").as_int64()),
                           .body = std::string(row.at("body").as_string())};
    EXPECT_EQ(read(reply).status, expected_status(row.at("class").as_string())) << row;
  }
}

TEST(SlackReply, MeansWhatTheTableSays) {
  struct Row {
    http_reply reply;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {{.status = 200, .body = "ok"}, TOCSIN_DELIVERED, ""},
      {{.status = 200, .body = " ok\r\n"}, TOCSIN_DELIVERED, ""},
      {{.status = 200, .body = ""}, TOCSIN_MISCONFIGURED, "not_slack"},
      {{.status = 200, .body = "OK"}, TOCSIN_MISCONFIGURED, "not_slack"},
      {{.status = 200, .body = R"({"ok":true})"}, TOCSIN_MISCONFIGURED, "not_slack"},
      {{.status = 204}, TOCSIN_MISCONFIGURED, "not_slack"},
      {{.status = 200, .body = "invalid_token"}, TOCSIN_GONE, "invalid_token"},
      {{.status = 200, .body = R"({"ok":false,"error":"ratelimited"})"}, TOCSIN_RATE_LIMITED, "ratelimited"},
      {{.status = 301}, TOCSIN_MISCONFIGURED, "http_301"},
      {{.status = 302, .body = "ok"}, TOCSIN_MISCONFIGURED, "http_302"},
      {{.status = 400, .body = "invalid_payload"}, TOCSIN_REJECTED, "invalid_payload"},
      {{.status = 400, .body = "invalid_blocks"}, TOCSIN_REJECTED, "invalid_blocks"},
      {{.status = 400, .body = "msg_blocks_too_long\n"}, TOCSIN_REJECTED, "msg_blocks_too_long"},
      {{.status = 400, .body = "missing_text_or_fallback_or_attachments"},
       TOCSIN_REJECTED,
       "missing_text_or_fallback_or_attachments"},
      {{.status = 400, .body = "invalid_token"}, TOCSIN_GONE, "invalid_token"},
      {{.status = 400, .body = R"({"ok":false,"error":"invalid_blocks"})"},
       TOCSIN_REJECTED,
       "invalid_blocks"},
      {{.status = 400, .body = R"({"ok":false, "error" : "no_service"})"}, TOCSIN_GONE, "no_service"},
      {{.status = 400, .body = R"({"error":)"}, TOCSIN_REJECTED, "http_400"},
      {{.status = 400, .body = R"({"error":42})"}, TOCSIN_REJECTED, "http_400"},
      {{.status = 400, .body = ""}, TOCSIN_REJECTED, "http_400"},
      {{.status = 401}, TOCSIN_MISCONFIGURED, "http_401"},
      {{.status = 403, .body = "action_prohibited"}, TOCSIN_MISCONFIGURED, "action_prohibited"},
      {{.status = 403, .body = "invalid_token"}, TOCSIN_GONE, "invalid_token"},
      {{.status = 403, .body = "<html>proxy</html>"}, TOCSIN_MISCONFIGURED, "http_403"},
      {{.status = 404, .body = "no_service"}, TOCSIN_GONE, "no_service"},
      {{.status = 404, .body = "no_service_id"}, TOCSIN_GONE, "no_service_id"},
      {{.status = 404, .body = "not found"}, TOCSIN_MISCONFIGURED, "http_404"},
      {{.status = 407}, TOCSIN_MISCONFIGURED, "http_407"},
      {{.status = 408}, TOCSIN_RETRY, "http_408"},
      {{.status = 410, .body = "channel_is_archived"}, TOCSIN_MISCONFIGURED, "channel_is_archived"},
      {{.status = 410}, TOCSIN_GONE, "http_410"},
      {{.status = 413}, TOCSIN_REJECTED, "http_413"},
      {{.status = 425}, TOCSIN_RETRY, "http_425"},
      {{.status = 429}, TOCSIN_RATE_LIMITED, "http_429"},
      {{.status = 429, .body = "rate_limited"}, TOCSIN_RATE_LIMITED, "rate_limited"},
      {{.status = 403, .body = "team_disabled"}, TOCSIN_GONE, "team_disabled"},
      {{.status = 500, .body = "rollup_error"}, TOCSIN_RETRY, "rollup_error"},
      {{.status = 500, .body = "<html>"}, TOCSIN_RETRY, "http_500"},
      {{.status = 503}, TOCSIN_RETRY, "http_503"},
      {{.status = 0, .io_error = TOCSIN_IO_DNS, .request_sent = false}, TOCSIN_RETRY, "dns"},
      {{.status = 0, .io_error = TOCSIN_IO_TIMEOUT}, TOCSIN_UNCERTAIN, "timeout"},
      {{.status = 0, .io_error = TOCSIN_IO_CLOSED}, TOCSIN_UNCERTAIN, "closed"},
      {{.status = 0, .io_error = TOCSIN_IO_CERTIFICATE, .request_sent = false}, TOCSIN_RETRY, "certificate"},
      {{.status = 0, .io_error = TOCSIN_IO_BLOCKED, .request_sent = false}, TOCSIN_MISCONFIGURED, "blocked"},
  };
  for (const Row& row : rows) {
    const auto o = read(row.reply);
    EXPECT_EQ(o.status, row.status) << row.reply.status << ' ' << row.reply.body;
    EXPECT_EQ(o.code, row.code) << row.reply.status << ' ' << row.reply.body;
    EXPECT_EQ(o.status == TOCSIN_DELIVERED, o.detail.empty()) << "every other end says why";
    EXPECT_THAT(o.detail, Not(HasSubstr("<html>"))) << "what a receiver says is not ours to repeat";
  }
}

TEST(SlackReply, PassesTheWishToWaitOn) {
  EXPECT_EQ(read({.status = 429, .retry_after_ms = 30'000}).retry_after_ms, 30'000);
  EXPECT_EQ(read({.status = 503, .retry_after_ms = 1'000}).retry_after_ms, 1'000);
}

class SlackChannel : public ::testing::Test {
 protected:
  SlackChannel() : host(*tocsin_plugin_v1()->types[0]) { EXPECT_TRUE(host.create({{"/url", "tsec_url"}})); }
  tocsin::testing::fake_host host;
};

TEST_F(SlackChannel, PostsTheBlocksToTheTokenThatStandsForTheUrl) {
  host.replies.push_back({.status = 200, .body = "ok"});
  const auto ends = host.deliver(sample_message{});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_DELIVERED);
  ASSERT_EQ(host.requests.size(), 1U);
  EXPECT_EQ(host.requests[0].url, "tsec_url");
  EXPECT_EQ(host.requests[0].method, "POST");
  EXPECT_EQ(host.requests[0].header("Content-Type"), "application/json");
  EXPECT_THAT(host.requests[0].body, HasSubstr("\"blocks\""));
}

TEST_F(SlackChannel, SendsPlainTextWhereSlackRefusesTheBlocks) {
  host.replies = {{.status = 400, .body = "invalid_blocks"}, {.status = 200, .body = "ok"}};
  const auto ends = host.deliver(sample_message{});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(ends[0].code, "slack.text_only");
  ASSERT_EQ(host.requests.size(), 2U);
  EXPECT_THAT(host.requests[1].body, Not(HasSubstr("\"blocks\"")));
}

TEST_F(SlackChannel, GivesUpOnAMessageThatSlackRefusesTwice) {
  host.replies = {{.status = 400, .body = "invalid_blocks"}, {.status = 400, .body = "no_text"}};
  const auto ends = host.deliver(sample_message{});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_REJECTED);
  EXPECT_EQ(ends[0].code, "slack.no_text");
  EXPECT_EQ(host.requests.size(), 2U);
}

TEST_F(SlackChannel, DoesNotTryAgainByItself) {
  for (const int status : {429, 500, 404, 403}) {
    host.requests.clear();
    host.replies = {{.status = status}};
    EXPECT_EQ(host.deliver(sample_message{}).size(), 1U);
    EXPECT_EQ(host.requests.size(), 1U) << status;
  }
}

TEST_F(SlackChannel, ARefusedSubmitIsARetry) {
  host.submit_answer = TOCSIN_E_BUSY;
  const auto ends = host.deliver(sample_message{});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_RETRY);
}

}  // namespace
