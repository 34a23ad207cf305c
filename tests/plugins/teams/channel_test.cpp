// The channel as the host sees it: what a workflow's answers mean.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tocsin/testing/fake_host.hpp>

#include "corpus.hpp"
#include "teams/reply.hpp"

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using tocsin::testing::http_reply;
using tocsin::testing::sample_message;

tocsin::outcome read(const http_reply& reply) {
  tocsin::outcome result;
  reply.as_c([&](const tocsin_http_response& c) { result = teams::read_reply(tocsin::http_response(c)); });
  return result;
}

int expected_status(std::string_view corpus_class) {
  if (corpus_class == "success") return TOCSIN_DELIVERED;
  if (corpus_class == "accepted") return TOCSIN_ACCEPTED;
  if (corpus_class == "permanent_config") return TOCSIN_MISCONFIGURED;
  if (corpus_class == "permanent_message") return TOCSIN_REJECTED;
  if (corpus_class == "permanent_disable") return TOCSIN_GONE;
  if (corpus_class == "throttle") return TOCSIN_RATE_LIMITED;
  return corpus_class == "transient" ? TOCSIN_RETRY : 0;
}

TEST(TeamsReply, AgreesWithTheCorpus) {
  const auto corpus = tocsin::tests::load_corpus("teams_responses.json");
  for (const auto& row : corpus.as_array()) {
    const http_reply reply{.status = static_cast<int>(row.at("status").as_int64()),
                           .body = std::string(row.at("body").as_string())};
    EXPECT_EQ(read(reply).status, expected_status(row.at("class").as_string())) << row;
  }
}

std::string error(std::string_view code, std::string_view message = "") {
  return R"({"error":{"code":")" + std::string(code) + R"(","message":")" + std::string(message) + R"("}})";
}
std::string connector(int status) {
  return "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error " +
         std::to_string(status) + " with ContextId x";
}

TEST(TeamsReply, MeansWhatTheTableSays) {
  struct Row {
    http_reply reply;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {{.status = 202}, TOCSIN_ACCEPTED, ""},
      {{.status = 200, .body = ""}, TOCSIN_ACCEPTED, ""},
      {{.status = 204}, TOCSIN_ACCEPTED, ""},
      {{.status = 202, .body = error("TooManyRequests")}, TOCSIN_ACCEPTED, ""},
      {{.status = 200, .body = "1"}, TOCSIN_DELIVERED, ""},
      {{.status = 200, .body = connector(413)}, TOCSIN_REJECTED, "http_413"},
      {{.status = 200, .body = connector(400)}, TOCSIN_REJECTED, "http_400"},
      {{.status = 200, .body = connector(404)}, TOCSIN_GONE, "http_404"},
      {{.status = 200, .body = connector(410)}, TOCSIN_GONE, "http_410"},
      {{.status = 200, .body = connector(403)}, TOCSIN_MISCONFIGURED, "http_403"},
      {{.status = 200, .body = connector(412)}, TOCSIN_RETRY, "http_412"},
      {{.status = 200, .body = connector(429)}, TOCSIN_RATE_LIMITED, "http_429"},
      {{.status = 200, .body = connector(503)}, TOCSIN_RETRY, "http_503"},
      {{.status = 200, .body = connector(0)}, TOCSIN_REJECTED, "connector_failed"},
      {{.status = 400, .body = error("TriggerInputSchemaMismatch")}, TOCSIN_REJECTED, "schema_mismatch"},
      {{.status = 400, .body = error("WorkflowTriggerIsNotEnabled", "state 'Disabled'")},
       TOCSIN_MISCONFIGURED,
       "trigger_disabled"},
      {{.status = 400, .body = error("WorkflowTriggerIsNotEnabled", "state 'Deleted'")},
       TOCSIN_GONE,
       "workflow_gone"},
      {{.status = 400, .body = error("MissingApiVersionParameter")}, TOCSIN_MISCONFIGURED, "url_incomplete"},
      {{.status = 400, .body = error("SomethingNew")}, TOCSIN_REJECTED, "http_400"},
      {{.status = 400}, TOCSIN_REJECTED, "http_400"},
      {{.status = 401, .body = error("DirectApiAuthorizationRequired")},
       TOCSIN_MISCONFIGURED,
       "not_for_anyone"},
      {{.status = 401, .body = error("MisMatchingOAuthClaims")}, TOCSIN_MISCONFIGURED, "not_for_anyone"},
      {{.status = 401}, TOCSIN_MISCONFIGURED, "http_401"},
      {{.status = 403, .body = error("AuthorizationFailed")}, TOCSIN_MISCONFIGURED, "signature_refused"},
      {{.status = 403}, TOCSIN_MISCONFIGURED, "http_403"},
      {{.status = 404, .body = error("WorkflowNotFound")}, TOCSIN_GONE, "workflow_gone"},
      {{.status = 404}, TOCSIN_GONE, "http_404"},
      {{.status = 405}, TOCSIN_MISCONFIGURED, "http_405"},
      {{.status = 408}, TOCSIN_RETRY, "http_408"},
      {{.status = 410}, TOCSIN_GONE, "http_410"},
      {{.status = 413}, TOCSIN_REJECTED, "http_413"},
      {{.status = 413, .body = error("RequestEntityTooLarge")}, TOCSIN_REJECTED, "too_large"},
      {{.status = 425}, TOCSIN_RETRY, "http_425"},
      {{.status = 429, .body = error("TooManyRequests")}, TOCSIN_RATE_LIMITED, "too_many"},
      {{.status = 429}, TOCSIN_RATE_LIMITED, "http_429"},
      {{.status = 301}, TOCSIN_MISCONFIGURED, "http_301"},
      {{.status = 307}, TOCSIN_MISCONFIGURED, "http_307"},
      {{.status = 500}, TOCSIN_RETRY, "http_500"},
      {{.status = 502, .body = "<html>"}, TOCSIN_RETRY, "http_502"},
      {{.status = 504, .body = error("GatewayTimeout")}, TOCSIN_RETRY, "http_504"},
      {{.status = 0, .io_error = TOCSIN_IO_TIMEOUT}, TOCSIN_UNCERTAIN, "timeout"},
      {{.status = 0, .io_error = TOCSIN_IO_DNS, .request_sent = false}, TOCSIN_RETRY, "dns"},
      {{.status = 0, .io_error = TOCSIN_IO_BLOCKED, .request_sent = false}, TOCSIN_MISCONFIGURED, "blocked"},
  };
  for (const Row& row : rows) {
    const auto o = read(row.reply);
    EXPECT_EQ(o.status, row.status) << row.reply.status << ' ' << row.reply.body;
    EXPECT_EQ(o.code, row.code) << row.reply.status << ' ' << row.reply.body;
    EXPECT_EQ(o.status == TOCSIN_DELIVERED, o.detail.empty()) << "every other end says why";
  }
  EXPECT_EQ(read({.status = 429, .retry_after_ms = 10'000}).retry_after_ms, 10'000);
}

TEST(TeamsChannel, PostsOneCardAndEndsAsAccepted) {
  tocsin::testing::fake_host host(*tocsin_plugin_v1()->types[0]);
  ASSERT_TRUE(host.create({{"/url", "tsec_url"}}));
  host.replies.push_back({.status = 202});
  const auto ends = host.deliver(sample_message{});
  ASSERT_EQ(ends.size(), 1U);
  EXPECT_EQ(ends[0].status, TOCSIN_ACCEPTED);
  EXPECT_THAT(ends[0].detail, HasSubstr("look at the Teams channel"));
  ASSERT_EQ(host.requests.size(), 1U);
  EXPECT_EQ(host.requests[0].url, "tsec_url");
  EXPECT_EQ(host.requests[0].header("Content-Type"), "application/json");
}

}  // namespace
