// The Gotify channel on the fake host, and its hand-written bindings against the header: a channel in Rust is
// tested like any other.
#include <gtest/gtest.h>

#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

extern "C" const char* gotify_layout(std::size_t number, std::size_t* offset);

namespace {

using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

struct Field {
  const char* name;  // as Rust says it
  std::size_t offset;
};
#define FIELD(type, rust, field) \
  { #type "." #rust, offsetof(type, field) }
// Every field of every struct that abi.rs declares.
constexpr Field kFields[] = {
    FIELD(tocsin_str, ptr, ptr),
    FIELD(tocsin_str, len, len),
    FIELD(tocsin_kv, key, key),
    FIELD(tocsin_kv, value, value),
    FIELD(tocsin_doc, json, json),
    FIELD(tocsin_doc, flat, flat),
    FIELD(tocsin_doc, n_flat, n_flat),
    FIELD(tocsin_error, size, size),
    FIELD(tocsin_error, code, code),
    FIELD(tocsin_error, pointer, pointer),
    FIELD(tocsin_error, text, text),
    FIELD(tocsin_outcome, size, size),
    FIELD(tocsin_outcome, status, status),
    FIELD(tocsin_outcome, retry_after_ms, retry_after_ms),
    FIELD(tocsin_outcome, provider_id, provider_id),
    FIELD(tocsin_outcome, code, code),
    FIELD(tocsin_outcome, detail, detail),
    FIELD(tocsin_outcome, carry, carry),
    FIELD(tocsin_event, size, size),
    FIELD(tocsin_event, severity, severity),
    FIELD(tocsin_event, category, category),
    FIELD(tocsin_event, reserved, reserved),
    FIELD(tocsin_event, time_unix_ms, time_unix_ms),
    FIELD(tocsin_event, id, id),
    FIELD(tocsin_event, team, team),
    FIELD(tocsin_event, kind, type),
    FIELD(tocsin_event, source, source),
    FIELD(tocsin_event, title, title),
    FIELD(tocsin_event, summary, summary),
    FIELD(tocsin_event, link, link),
    FIELD(tocsin_event, labels, labels),
    FIELD(tocsin_event, n_labels, n_labels),
    FIELD(tocsin_event, data, data),
    FIELD(tocsin_event, json, json),
    FIELD(tocsin_message, size, size),
    FIELD(tocsin_message, attempt, attempt),
    FIELD(tocsin_message, flags, flags),
    FIELD(tocsin_message, reserved, reserved),
    FIELD(tocsin_message, deadline_unix_ms, deadline_unix_ms),
    FIELD(tocsin_message, id, id),
    FIELD(tocsin_message, console_url, console_url),
    FIELD(tocsin_message, events, events),
    FIELD(tocsin_message, n_events, n_events),
    FIELD(tocsin_message, carry, carry),
    FIELD(tocsin_host, size, size),
    FIELD(tocsin_host, abi_minor, abi_minor),
    FIELD(tocsin_host, ctx, ctx),
    FIELD(tocsin_host, version, version),
    FIELD(tocsin_host, team, team),
    FIELD(tocsin_host, channel, channel),
    FIELD(tocsin_host, get_extension, get_extension),
    FIELD(tocsin_host, complete, complete),
    FIELD(tocsin_channel_api, create, create),
    FIELD(tocsin_channel_api, destroy, destroy),
    FIELD(tocsin_channel_api, deliver, deliver),
    FIELD(tocsin_channel_api, cancel, cancel),
    FIELD(tocsin_channel_api, verify, verify),
    FIELD(tocsin_channel_api, get_extension, get_extension),
    FIELD(tocsin_channel_type, size, size),
    FIELD(tocsin_channel_type, threading, threading),
    FIELD(tocsin_channel_type, flags, flags),
    FIELD(tocsin_channel_type, retries, retries),
    FIELD(tocsin_channel_type, rate_per_minute, rate_per_minute),
    FIELD(tocsin_channel_type, burst, burst),
    FIELD(tocsin_channel_type, kind, type),
    FIELD(tocsin_channel_type, name, name),
    FIELD(tocsin_channel_type, summary, summary),
    FIELD(tocsin_channel_type, version, version),
    FIELD(tocsin_channel_type, vendor, vendor),
    FIELD(tocsin_channel_type, license, license),
    FIELD(tocsin_channel_type, url, url),
    FIELD(tocsin_channel_type, settings_schema, settings_schema),
    FIELD(tocsin_channel_type, requires_ext, requires_ext),
    FIELD(tocsin_channel_type, uses_ext, uses_ext),
    FIELD(tocsin_channel_type, egress, egress),
    FIELD(tocsin_channel_type, api, api),
    FIELD(tocsin_plugin, size, size),
    FIELD(tocsin_plugin, abi_minor, abi_minor),
    FIELD(tocsin_plugin, sdk, sdk),
    FIELD(tocsin_plugin, types, types),
    FIELD(tocsin_plugin, n_types, n_types),
    FIELD(tocsin_http_request, size, size),
    FIELD(tocsin_http_request, timeout_ms, timeout_ms),
    FIELD(tocsin_http_request, flags, flags),
    FIELD(tocsin_http_request, body_secrets, body_secrets),
    FIELD(tocsin_http_request, method, method),
    FIELD(tocsin_http_request, url, url),
    FIELD(tocsin_http_request, headers, headers),
    FIELD(tocsin_http_request, n_headers, n_headers),
    FIELD(tocsin_http_request, body, body),
    FIELD(tocsin_http_request, basic_user, basic_user),
    FIELD(tocsin_http_request, basic_password, basic_password),
    FIELD(tocsin_http_response, size, size),
    FIELD(tocsin_http_response, io_error, io_error),
    FIELD(tocsin_http_response, status, status),
    FIELD(tocsin_http_response, request_sent, request_sent),
    FIELD(tocsin_http_response, retry_after_ms, retry_after_ms),
    FIELD(tocsin_http_response, elapsed_ms, elapsed_ms),
    FIELD(tocsin_http_response, body_truncated, body_truncated),
    FIELD(tocsin_http_response, headers, headers),
    FIELD(tocsin_http_response, n_headers, n_headers),
    FIELD(tocsin_http_response, body, body),
    FIELD(tocsin_http, submit, submit),
};

TEST(GotifyBindings, PlaceEveryFieldWhereTheHeaderDoes) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < std::size(kFields); ++i) {
    const char* name = gotify_layout(i, &at);
    ASSERT_NE(name, nullptr);
    EXPECT_STREQ(name, kFields[i].name);
    EXPECT_EQ(at, kFields[i].offset) << name;
  }
  EXPECT_EQ(gotify_layout(std::size(kFields), &at), nullptr) << "a field that the list lacks";
}

constexpr const char* kToken = "tsec_0123456789abcdefghijklmnopqrstuv";

class Gotify : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(host.create({{"/server", "https://push.example.com/"}, {"/token", kToken}}))
        << host.error.text;
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(Gotify, PushesOneMessage) {
  host.replies = {{.status = 200, .body = R"({"id":42,"appid":5,"message":"A storage bucket is public"})"}};
  const auto done = host.deliver(sample_message());
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  EXPECT_EQ(done[0].provider_id, "42");
  EXPECT_EQ(host.requests.at(0).url, "https://push.example.com/message");
  EXPECT_EQ(host.requests[0].header("X-Gotify-Key"), kToken);
  EXPECT_EQ(host.requests[0].body,
            R"({"title":"Public bucket","message":"A storage bucket is public","priority":7,"extras":{)"
            R"("client::display":{"contentType":"text/plain"},)"
            R"("client::notification":{"click":{"url":"https://example.com/f/1"}}}})");
}

TEST_F(Gotify, RendersWhateverAnEventHolds) {
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    host.requests.clear();
    ASSERT_EQ(host.deliver(message).size(), 1U) << name;
    EXPECT_EQ(host.completions.back().status, TOCSIN_DELIVERED) << name;
    EXPECT_LT(host.requests.at(0).body.size(), 40'000U) << name;
  }
}

TEST_F(Gotify, SaysWhatTheServerSays) {
  host.replies = {{.status = 401}, {.status = 429, .retry_after_ms = 5000}, {.status = 502}, {.status = 400}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_MISCONFIGURED);
  const auto limited = host.deliver(sample_message()).at(0);
  EXPECT_EQ(limited.status, TOCSIN_RATE_LIMITED);
  EXPECT_EQ(limited.retry_after_ms, 5000);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_RETRY);
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_REJECTED);
}

}  // namespace
