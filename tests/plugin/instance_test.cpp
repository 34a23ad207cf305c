// An attempt that goes as it should: what the plugin is shown, and what is written down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel_host.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ChannelInstance, ShowsThePluginTheWholeMessage) {
  ChannelHost host;
  Script script;
  Job job = make_job(4711, "Disk full \xE2\x9C\x93");
  const EventPtr event = job.event;
  job.attempt = 3;
  job.test = true;
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    EXPECT_EQ(message.size, sizeof(tocsin_message));
    EXPECT_EQ(message.attempt, 3U);
    EXPECT_EQ(message.flags, static_cast<std::uint32_t>(TOCSIN_TEST));
    EXPECT_EQ(view(message.id), format_delivery_id(4711));
    EXPECT_EQ(message.deadline_unix_ms, 1'795'420'920'000);
    EXPECT_EQ(message.n_events, 1U);
    const tocsin_event& shown = *message.events[0];
    EXPECT_EQ(shown.size, sizeof(tocsin_event));
    EXPECT_EQ(shown.severity, static_cast<std::uint32_t>(TOCSIN_HIGH));
    EXPECT_EQ(shown.category, static_cast<std::uint32_t>(TOCSIN_SYSTEM_ERROR));
    EXPECT_EQ(shown.time_unix_ms, 1'795'420'700'000);
    EXPECT_EQ(view(shown.title), "Disk full \xE2\x9C\x93");
    EXPECT_EQ(view(shown.team), "ops");
    EXPECT_EQ(shown.link.ptr, nullptr);
    EXPECT_EQ(shown.n_labels, 1U);
    EXPECT_EQ(view(shown.labels[0].value), "prod");
    EXPECT_EQ(view(shown.data.json), event->data);
    EXPECT_EQ(shown.data.n_flat, 0U);
    EXPECT_EQ(view(shown.json), write_event_json(*event));
    EXPECT_EQ(shown.title.ptr, event->title.data()) << "the title was copied";
    script.complete(delivery);
  };
  const auto instance = host.make(script);
  ASSERT_TRUE(instance) << instance.error().detail;
  (*instance)->deliver({std::move(job)});
  const auto result = host.sink.wait(1).front();
  EXPECT_EQ(result.delivery, 4711);
  EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kDelivered);
  EXPECT_EQ(result.attempt.outcome.retry_after_ms, -1);
  EXPECT_EQ(result.attempt.started_ms, host.clock.unix_ms());
  EXPECT_EQ((*instance)->fault(), "");
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, FlattensDataForATypeThatAsksForIt) {
  ChannelHost host;
  Script script;
  Table table;
  table.type.flags = TOCSIN_FLAT_DATA;
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    EXPECT_EQ(view(tocsin_find(&message.events[0]->data, "/used/percent")), "97");
    script.complete(delivery);
  };
  const auto instance = host.make(script, table);
  (*instance)->deliver({make_job(1)});
  host.sink.wait(1);
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, CopiesBoundsAndRepairsTheOutcome) {
  ChannelHost host;
  Script script;
  const std::string detail = std::string(2'000, 'x') + "\xFF";
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    std::string code = "test.Busy";
    std::string id(300, 'i');
    tocsin_outcome outcome{};
    outcome.size = sizeof outcome;
    outcome.status = TOCSIN_RATE_LIMITED;
    outcome.retry_after_ms = 5'000;
    outcome.code = {code.data(), code.size()};
    outcome.detail = {detail.data(), detail.size()};
    outcome.provider_id = {id.data(), id.size()};
    script.host->complete(script.host, delivery, &outcome);
    code.assign(code.size(), '?');
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  const Outcome outcome = host.sink.wait(1).front().attempt.outcome;
  EXPECT_EQ(outcome.status, OutcomeStatus::kRateLimited);
  EXPECT_EQ(outcome.retry_after_ms, 5'000);
  EXPECT_EQ(outcome.code, "test._usy");
  EXPECT_EQ(outcome.detail, std::string(1'024, 'x'));
  EXPECT_EQ(outcome.provider_id.size(), 256U);
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, MayBeCompletedLaterFromAnyThread) {
  ChannelHost host;
  Script script;
  Signal given;
  tocsin_delivery* handle = nullptr;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    handle = delivery;
    given.set();
  };
  const auto instance = host.make(script);
  (*instance)->deliver({make_job(1)});
  ASSERT_TRUE(given.wait());
  host.clock.advance_ms(250);
  std::thread([&] { script.complete(handle, TOCSIN_ACCEPTED); }).join();
  const auto result = host.sink.wait(1).front();
  EXPECT_EQ(result.attempt.outcome.status, OutcomeStatus::kAccepted);
  EXPECT_EQ(result.attempt.duration_us, 250'000);
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, GivesSettingsWithTokensAndNeverASecret) {
  ChannelHost host;
  Script script;
  std::string json, key, secret, timeout;
  script.create = [&](const tocsin_doc& settings) {
    json = view(settings.json);
    key = view(tocsin_find(&settings, "/headers/X-Key"));
    secret = view(tocsin_find(&settings, "/secret"));
    timeout = view(tocsin_find(&settings, "/timeout"));
  };
  const auto instance =
      host.make(script, Table(), R"({"secret":"CANARY-ONE","headers":{"X-Key":"CANARY-TWO"}})");
  ASSERT_TRUE(instance);
  EXPECT_EQ(timeout, "15");
  EXPECT_EQ(secret.size(), security::kTokenLength);
  EXPECT_THAT(secret, ::testing::StartsWith("tsec_"));
  EXPECT_NE(secret, key);
  EXPECT_THAT(json, HasSubstr(key));
  EXPECT_THAT(json, Not(HasSubstr("CANARY")));
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, ShowsAnEmptySecretAsAbsent) {
  ChannelHost host;
  Script script;
  script.create = [&](const tocsin_doc& settings) {
    EXPECT_EQ(tocsin_find(&settings, "/secret").ptr, nullptr);
  };
  const auto instance = host.make(script, Table(), R"({"secret":""})");
  ASSERT_TRUE(instance);
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, SignsByTokenOfItsOwnOnly) {
  ChannelHost host;
  Script script;
  std::string token;
  script.create = [&](const tocsin_doc& settings) { token = view(tocsin_find(&settings, "/secret")); };
  const auto instance = host.make(script, Table(), R"({"secret":"Jefe"})");
  ASSERT_TRUE(instance);
  const tocsin_secret& signer = script.secret();
  const tocsin_str parts[] = {tocsin_lit("what do ya want "), tocsin_lit("for nothing?")};
  std::uint8_t mac[32]{};
  const auto sign = [&](const std::string& key, std::uint32_t form) {
    return signer.hmac_sha256(script.host, tocsin_lit(key.c_str()), form, parts, 2, mac);
  };
  ASSERT_EQ(sign(token, TOCSIN_KEY_RAW), TOCSIN_OK);
  EXPECT_EQ(mac[0], 0x5b);  // RFC 4231, test case 2
  EXPECT_EQ(mac[31], 0x43);
  EXPECT_EQ(sign(token, TOCSIN_KEY_WHSEC), TOCSIN_OK);
  EXPECT_EQ(sign("Jefe", TOCSIN_KEY_RAW), TOCSIN_E_UNKNOWN_SECRET);
  EXPECT_EQ(sign(host.vault.put(host.vault.new_owner(), security::Secret("x")), TOCSIN_KEY_RAW),
            TOCSIN_E_UNKNOWN_SECRET);
  EXPECT_EQ(sign(token, TOCSIN_KEY_WHSK), TOCSIN_E_INVALID);
  EXPECT_EQ(sign(token, TOCSIN_KEY_HEX), TOCSIN_E_BAD_SECRET);
  std::uint8_t signature[64]{};
  const auto sign_ed = [&](std::uint32_t form) {
    return signer.sign_ed25519(script.host, tocsin_lit(token.c_str()), form, parts, 2, signature);
  };
  EXPECT_EQ(sign_ed(TOCSIN_KEY_RAW), TOCSIN_E_INVALID);
  EXPECT_EQ(sign_ed(TOCSIN_KEY_WHSK), TOCSIN_E_BAD_SECRET);
  EXPECT_EQ(sign_ed(TOCSIN_KEY_BASE64), TOCSIN_E_BAD_SECRET) << "three bytes are no seed";
  EXPECT_EQ(signer.hmac_sha256(script.host, tocsin_lit(token.c_str()), 0, nullptr, 1, mac), TOCSIN_E_INVALID);
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, GivesOnlyTheExtensionsThatAreDeclared) {
  ChannelHost host;
  Script script;
  Table table;
  table.requires_ext[1] = nullptr;  // http alone
  const auto instance = host.make(script, table);
  ASSERT_TRUE(instance);
  EXPECT_NE(script.host->get_extension(script.host, TOCSIN_EXT_HTTP), nullptr);
  EXPECT_EQ(script.host->get_extension(script.host, TOCSIN_EXT_LOG), nullptr);
  EXPECT_EQ(script.host->get_extension(script.host, nullptr), nullptr);
  EXPECT_THAT(host.log().back(), HasSubstr("asks for the extension tocsin.log/1"));
  EXPECT_EQ(view(script.host->team), "ops");
  EXPECT_EQ(view(script.host->channel), "pager");
  (*instance)->stop(10'000);
}

TEST(ChannelInstance, WritesBoundedRedactedLogLines) {
  ChannelHost host;
  Script script;
  script.deliver = [&](const tocsin_message&, tocsin_delivery* delivery) {
    const auto& log = script.extension<tocsin_log>(TOCSIN_EXT_LOG);
    const tocsin_kv field{tocsin_lit("code"), tocsin_lit("7")};
    log.write(script.host, delivery, TOCSIN_LOG_INFO, tocsin_lit("it knows CANARY-ONE"), &field, 1);
    for (int i = 0; i < 200; ++i)
      log.write(script.host, nullptr, TOCSIN_LOG_DEBUG, tocsin_lit("chatter"), nullptr, 0);
    script.complete(delivery);
  };
  const auto instance = host.make(script, Table(), R"({"secret":"CANARY-ONE"})");
  (*instance)->deliver({make_job(5)});
  host.sink.wait(1);
  const auto lines = host.log();
  ASSERT_EQ(lines.size(), 100U);
  EXPECT_EQ(lines[0], "ops/pager: it knows [redacted] code=7 delivery=" + format_delivery_id(5));
  host.clock.advance_ms(1'000);
  script.extension<tocsin_log>(TOCSIN_EXT_LOG).write(script.host, nullptr, 0, tocsin_lit("next"), nullptr, 0);
  EXPECT_THAT(host.log()[100], HasSubstr("101 lines were left out"));
  (*instance)->stop(10'000);
}

}  // namespace
}  // namespace tocsin::plugin::tests
