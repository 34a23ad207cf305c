// Every answer a receiver can give, one row each, and the corpus of answers seen in the wild.
#include "webhook/reply.hpp"

#include <gtest/gtest.h>

#include <tocsin/testing/records.hpp>

#include "corpus.hpp"

namespace {

using tocsin::testing::http_reply;

tocsin::outcome read(const http_reply& reply) {
  tocsin::outcome result;
  reply.as_c([&](const tocsin_http_response& c) { result = webhook::read_reply(tocsin::http_response(c)); });
  return result;
}

// The outcomes that a class of the corpus may end as.
bool fits(std::string_view corpus_class, int status) {
  if (corpus_class == "success" || corpus_class == "success_if_2xx") return status == TOCSIN_DELIVERED;
  if (corpus_class == "transient") return status == TOCSIN_RETRY || status == TOCSIN_UNCERTAIN;
  if (corpus_class == "retry_limited") return status == TOCSIN_RETRY;
  if (corpus_class == "throttle") return status == TOCSIN_RATE_LIMITED;
  if (corpus_class == "permanent_message") return status == TOCSIN_REJECTED;
  if (corpus_class == "permanent_disable") return status == TOCSIN_GONE;
  return (corpus_class == "permanent_config" || corpus_class == "permanent_blocked") &&
         status == TOCSIN_MISCONFIGURED;
}

TEST(WebhookReply, AgreesWithTheCorpusOnEveryStatus) {
  const auto corpus = tocsin::tests::load_corpus("webhook_status.json");
  for (const auto& row : corpus.at("http").as_array()) {
    const auto o = read({.status = static_cast<int>(row.at("status").as_int64())});
    EXPECT_TRUE(fits(row.at("class").as_string(), o.status)) << row << " ended as " << o.status;
  }
}

TEST(WebhookReply, AgreesWithTheCorpusOnTransportErrors) {
  // libcurl's names, and what the host reports for them.
  const std::map<std::string, http_reply> reports = {
      {"CURLE_COULDNT_RESOLVE_HOST", {.status = 0, .io_error = TOCSIN_IO_DNS, .request_sent = false}},
      {"CURLE_COULDNT_CONNECT", {.status = 0, .io_error = TOCSIN_IO_BLOCKED, .request_sent = false}},
      {"CURLE_SSL_CONNECT_ERROR", {.status = 0, .io_error = TOCSIN_IO_TLS, .request_sent = false}},
      {"CURLE_SEND_ERROR", {.status = 0, .io_error = TOCSIN_IO_CLOSED, .request_sent = true}},
      {"CURLE_GOT_NOTHING", {.status = 0, .io_error = TOCSIN_IO_CLOSED, .request_sent = true}},
      {"CURLE_WRITE_ERROR", {.status = 200, .io_error = TOCSIN_IO_CLOSED, .request_sent = true}},
      {"CURLE_HTTP2", {.status = 0, .io_error = TOCSIN_IO_PROTOCOL, .request_sent = true}},
      {"CURLE_HTTP3", {.status = 0, .io_error = TOCSIN_IO_PROTOCOL, .request_sent = true}},
      {"CURLE_UNSUPPORTED_PROTOCOL", {.status = 0, .io_error = TOCSIN_IO_BAD_REQUEST, .request_sent = false}},
  };
  const auto corpus = tocsin::tests::load_corpus("webhook_status.json");
  for (const auto& row : corpus.at("curl_errors").as_array()) {
    const auto found = reports.find(row.at("name").as_string().c_str());
    ASSERT_NE(found, reports.end()) << row << " has no report in this test";
    EXPECT_TRUE(fits(row.at("class").as_string(), read(found->second).status)) << row;
  }
}

struct Row {
  const char* why;
  http_reply reply;
  int status;
  const char* code;
};

TEST(WebhookReply, MeansWhatTheTableSays) {
  const Row rows[] = {
      {"200 is delivered", {.status = 200}, TOCSIN_DELIVERED, ""},
      {"201 too", {.status = 201}, TOCSIN_DELIVERED, ""},
      {"any 2xx", {.status = 299}, TOCSIN_DELIVERED, ""},
      {"a body that broke off changes nothing",
       {.status = 204, .io_error = TOCSIN_IO_TIMEOUT},
       TOCSIN_DELIVERED,
       ""},
      {"300 is a redirect", {.status = 300}, TOCSIN_MISCONFIGURED, "webhook.http_300"},
      {"301 is never followed", {.status = 301}, TOCSIN_MISCONFIGURED, "webhook.http_301"},
      {"308 is never followed", {.status = 308}, TOCSIN_MISCONFIGURED, "webhook.http_308"},
      {"399 is still 3xx", {.status = 399}, TOCSIN_MISCONFIGURED, "webhook.http_399"},
      {"400 may be a deploy gone wrong", {.status = 400}, TOCSIN_RETRY, "webhook.http_400"},
      {"403 may be a firewall rule", {.status = 403}, TOCSIN_RETRY, "webhook.http_403"},
      {"404 may be a restart", {.status = 404}, TOCSIN_RETRY, "webhook.http_404"},
      {"405", {.status = 405}, TOCSIN_RETRY, "webhook.http_405"},
      {"408 is a timeout of theirs", {.status = 408}, TOCSIN_RETRY, "webhook.http_408"},
      {"410 says never again", {.status = 410}, TOCSIN_GONE, "webhook.http_410"},
      {"413 will not shrink", {.status = 413}, TOCSIN_REJECTED, "webhook.http_413"},
      {"425 is too early", {.status = 425}, TOCSIN_RETRY, "webhook.http_425"},
      {"429 pauses the channel", {.status = 429}, TOCSIN_RATE_LIMITED, "webhook.http_429"},
      {"451 will not pass", {.status = 451}, TOCSIN_MISCONFIGURED, "webhook.http_451"},
      {"499", {.status = 499}, TOCSIN_RETRY, "webhook.http_499"},
      {"500", {.status = 500}, TOCSIN_RETRY, "webhook.http_500"},
      {"502 is a sick endpoint", {.status = 502}, TOCSIN_RATE_LIMITED, "webhook.http_502"},
      {"503 is a sick endpoint", {.status = 503}, TOCSIN_RATE_LIMITED, "webhook.http_503"},
      {"504 is a sick endpoint", {.status = 504}, TOCSIN_RATE_LIMITED, "webhook.http_504"},
      {"522 is Cloudflare's", {.status = 522}, TOCSIN_RETRY, "webhook.http_522"},
      {"599", {.status = 599}, TOCSIN_RETRY, "webhook.http_599"},
      {"no number that HTTP knows", {.status = 999}, TOCSIN_RETRY, "webhook.http_999"},
      {"no name",
       {.status = 0, .io_error = TOCSIN_IO_DNS, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.dns"},
      {"refused",
       {.status = 0, .io_error = TOCSIN_IO_CONNECT, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.connect"},
      {"an expired certificate is mended while we wait",
       {.status = 0, .io_error = TOCSIN_IO_CERTIFICATE, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.certificate"},
      {"timed out before sending",
       {.status = 0, .io_error = TOCSIN_IO_TIMEOUT, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.timeout"},
      {"timed out after sending",
       {.status = 0, .io_error = TOCSIN_IO_TIMEOUT},
       TOCSIN_UNCERTAIN,
       "webhook.timeout"},
      {"reset after sending",
       {.status = 0, .io_error = TOCSIN_IO_CLOSED},
       TOCSIN_UNCERTAIN,
       "webhook.closed"},
      {"not HTTP", {.status = 0, .io_error = TOCSIN_IO_PROTOCOL}, TOCSIN_UNCERTAIN, "webhook.protocol"},
      {"a private address",
       {.status = 0, .io_error = TOCSIN_IO_BLOCKED, .request_sent = false},
       TOCSIN_MISCONFIGURED,
       "webhook.blocked"},
      {"not sendable",
       {.status = 0, .io_error = TOCSIN_IO_BAD_REQUEST, .request_sent = false},
       TOCSIN_MISCONFIGURED,
       "webhook.bad_request"},
      {"stopped before sending",
       {.status = 0, .io_error = TOCSIN_IO_CANCELLED, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.cancelled"},
      {"stopped after sending",
       {.status = 0, .io_error = TOCSIN_IO_CANCELLED},
       TOCSIN_UNCERTAIN,
       "webhook.cancelled"},
      {"short of sockets",
       {.status = 0, .io_error = TOCSIN_IO_LOCAL, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.local"},
      {"an error of a later host",
       {.status = 0, .io_error = 77, .request_sent = false},
       TOCSIN_RETRY,
       "webhook.local"},
  };
  for (const Row& row : rows) {
    const auto o = read(row.reply);
    EXPECT_EQ(o.status, row.status) << row.why;
    EXPECT_EQ(o.code, row.code) << row.why;
    EXPECT_EQ(o.detail.empty(), o.status == TOCSIN_DELIVERED) << row.why;
  }
}

TEST(WebhookReply, HandsOnTheReceiversWaitAndIgnoresAnUnusableOne) {
  EXPECT_EQ(read({.status = 429, .retry_after_ms = 30'000}).retry_after_ms, 30'000);
  EXPECT_EQ(read({.status = 503, .retry_after_ms = 0}).retry_after_ms, 0);
  EXPECT_EQ(read({.status = 500, .retry_after_ms = -1}).retry_after_ms, 0);
}

TEST(WebhookReply, StopsForAMessageThatTheReceiverAborts) {
  const auto with_header = [](int status, std::string value) {
    return read(
        {.status = status, .retry_after_ms = 5000, .headers = {{"webhook-delivery", std::move(value)}}});
  };
  const auto aborted = with_header(500, "abort-message");
  EXPECT_EQ(aborted.status, TOCSIN_REJECTED);
  EXPECT_EQ(aborted.code, "webhook.aborted");
  EXPECT_EQ(aborted.retry_after_ms, 0);
  EXPECT_EQ(with_header(200, "abort-message").status, TOCSIN_DELIVERED) << "it has the message";
  EXPECT_EQ(with_header(410, "abort-message").status, TOCSIN_GONE) << "410 says more";
  EXPECT_EQ(with_header(500, "something-else").status, TOCSIN_RETRY);
}

TEST(WebhookReply, NeverQuotesWhatTheReceiverSent) {
  const auto o =
      read({.status = 302, .body = "go away", .headers = {{"location", "https://evil.example/secret"}}});
  EXPECT_EQ(o.detail.find("evil"), std::string::npos);
  EXPECT_NE(o.detail.find("never followed"), std::string::npos);
}

}  // namespace
