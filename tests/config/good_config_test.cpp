// What a sound file becomes: defaults, every value in its place, paths, the environment, settings and
// secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.hpp"
#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The loaded file; the test has failed where it does not load.
Config load(const ConfigFolder& folder, std::string_view text) {
  auto config = folder.load(text);
  EXPECT_TRUE(config) << config.error().detail;
  return config ? std::move(*config) : Config{};
}

constexpr std::string_view kTeam = "[[team]]\nname = \"blue\"\n";

TEST(GoodConfig, MayBeEmptyAndThenHasEveryDefault) {
  const ConfigFolder folder;
  const auto config = load(folder, "");
  EXPECT_EQ(config.server.data_dir, "/var/lib/tocsin");
  EXPECT_THAT(config.server.listen, ElementsAre("127.0.0.1:8080"));
  EXPECT_EQ(config.limits.window, 8U);
  EXPECT_EQ(config.store.retention_ms, 2'592'000'000);
  EXPECT_EQ(config.log.format, "json");
  EXPECT_THAT(config.teams, IsEmpty());
  EXPECT_EQ(config.catalogue->types().size(), 20U);
}

TEST(GoodConfig, TakesEverySectionsValues) {
  const ConfigFolder folder;
  const auto config = load(folder, R"(
[server]
data_dir = "/srv/tocsin"
listen = ["127.0.0.2:0", "[::1]:9090"]
hosts = ["tocsin.internal", "*"]
[limits]
event_bytes = 2048
batch_bytes = 4096
batch_events = 10
connections = 11
streams = 16
queued_events = 12
window = 13
hot_queue = 14
[store]
retention = "7d"
idempotency = "1h"
[egress]
allow = ["127.0.0.0/8", "::1/128"]
max_connections = 15
smtp_without_tls = true
[log]
level = "debug"
format = "text"
)");
  EXPECT_EQ(config.server.data_dir, "/srv/tocsin");
  EXPECT_THAT(config.server.listen, ElementsAre("127.0.0.2:0", "[::1]:9090"));
  EXPECT_THAT(config.server.hosts, ElementsAre("tocsin.internal", "*"));
  EXPECT_EQ(config.limits.event_bytes, 2048U);
  EXPECT_EQ(config.limits.batch_bytes, 4096U);
  EXPECT_EQ(config.limits.batch_events, 10U);
  EXPECT_EQ(config.limits.connections, 11U);
  EXPECT_EQ(config.limits.streams, 16U);
  EXPECT_EQ(config.limits.queued_events, 12U);
  EXPECT_EQ(config.limits.window, 13U);
  EXPECT_EQ(config.limits.hot_queue, 14U);
  EXPECT_EQ(config.store.retention_ms, 7LL * 86'400'000);
  EXPECT_EQ(config.store.idempotency_ms, 3'600'000);
  ASSERT_EQ(config.egress.allow.size(), 2U);
  EXPECT_TRUE(config.egress.allow[1].contains(*security::parse_address("::1")));
  EXPECT_EQ(config.egress.max_connections, 15U);
  EXPECT_TRUE(config.egress.smtp_without_tls);
  EXPECT_EQ(config.log.level, "debug");
  EXPECT_EQ(config.log.format, "text");
}

TEST(GoodConfig, MayListenBeyondLoopbackWhereTheOperatorSaysSo) {
  const ConfigFolder folder;
  const auto config = load(folder, "[server]\nlisten = \"0.0.0.0:8080\"\ninsecure_bind = true\n");
  EXPECT_THAT(config.server.listen, ElementsAre("0.0.0.0:8080"));
}

TEST(GoodConfig, MayListenOnASocketAlone) {
  const ConfigFolder folder;
  EXPECT_THAT(load(folder, "[server]\nlisten = []\nsocket = \"s\"\n").server.listen, IsEmpty());
}

TEST(GoodConfig, TakesPathsRelativeToItsOwnFolder) {
  const ConfigFolder folder;
  folder.write("ca.pem", "x");
  const auto config = load(folder, R"(
[server]
data_dir = "var/../data"
socket = "./tocsin.sock"
[egress]
ca_file = "ca.pem"
[[plugin]]
path = "plugins/webhook.so"
[[plugin]]
path = "/usr/lib/x.so"
isolation = "sandbox"
require = "full"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
)");
  EXPECT_EQ(config.server.data_dir, folder.path("data"));
  EXPECT_EQ(config.server.socket, folder.path("tocsin.sock"));
  EXPECT_EQ(config.egress.ca_file, folder.path("ca.pem"));
  ASSERT_EQ(config.plugins.size(), 2U);
  EXPECT_EQ(config.plugins[0].path, folder.path("plugins/webhook.so"));
  EXPECT_EQ(config.plugins[1].path, "/usr/lib/x.so");
  EXPECT_EQ(config.plugins[0].isolation, "");
  EXPECT_EQ(config.plugins[1].isolation, "sandbox");
  EXPECT_EQ(config.plugins[1].require, "full");
  EXPECT_EQ(config.plugins[1].sha256.size(), 64U);
  EXPECT_EQ(config.plugins[1].position.line, 9U);
}

TEST(GoodConfig, LetsTheEnvironmentComeBeforeTheFile) {
  const ConfigFolder folder;
  const ScopedVariable data("TOCSIN_SERVER_DATA_DIR", "/tmp/elsewhere");
  const ScopedVariable listen("TOCSIN_SERVER_LISTEN", "127.0.0.1:0");
  const ScopedVariable retention("TOCSIN_STORE_RETENTION", "2d");
  const ScopedVariable level("TOCSIN_LOG_LEVEL", "trace");
  const ScopedVariable bind("TOCSIN_SERVER_INSECURE_BIND", "true");
  const auto config =
      load(folder, "[server]\ndata_dir = \"here\"\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
  EXPECT_EQ(config.server.data_dir, "/tmp/elsewhere");
  EXPECT_THAT(config.server.listen, ElementsAre("127.0.0.1:0"));
  EXPECT_EQ(config.store.retention_ms, 2LL * 86'400'000) << "also where the file has no such section";
  EXPECT_EQ(config.log.level, "trace");
  EXPECT_TRUE(config.server.insecure_bind);
}

TEST(GoodConfig, AddsTheOperatorsEventTypesToTheCatalogue) {
  const ConfigFolder folder;
  const auto config = load(folder, R"(
[[event_type]]
name = "backup.failed"
summary = "A backup did not finish"
category = "system_error"
default_severity = "high"
floor = "medium"
default_alert = "critical"
[[event_type]]
name = "backup.done"
category = "system_notification"
default_alert = true
[[team]]
name = "blue"
[[team.channel]]
name = "c"
type = "webhook"
events = ["backup.*"]
)");
  EXPECT_EQ(config.catalogue->types().size(), 22U);
  const auto* failed = config.catalogue->find("backup.failed");
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->summary, "A backup did not finish");
  EXPECT_EQ(failed->category, Category::kSystemError);
  EXPECT_EQ(failed->default_severity, Severity::kHigh);
  EXPECT_EQ(failed->floor, Severity::kMedium);
  EXPECT_TRUE(failed->default_alert);
  EXPECT_EQ(failed->default_alert_from, Severity::kCritical);
  const auto* done = config.catalogue->find("backup.done");
  EXPECT_FALSE(done->default_severity);
  EXPECT_TRUE(done->default_alert);
  EXPECT_EQ(done->default_alert_from, Severity::kInfo);
}

TEST(GoodConfig, KeepsOfATokenItsHashOnly) {
  const ConfigFolder folder;
  folder.write("token", "token-that-stands-in-a-file\n");
  const ScopedVariable variable("TOCSIN_TEST_TOKEN", "token-that-stands-in-the-environment");
  const auto config = load(folder, std::string(kTeam) + R"(
[[token]]
name = "plain"
role = "service"
teams = ["blue"]
token = "token-that-stands-here"
[[token]]
name = "file"
role = "member"
teams = ["blue"]
token_file = "token"
expires = 2027-01-31T01:00:00+01:00
[[token]]
name = "variable"
role = "admin"
teams = ["blue"]
token_env = "TOCSIN_TEST_TOKEN"
expires = "2027-01-31T00:00:00Z"
[[token]]
name = "hash"
role = "operator"
sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
[[token]]
name = "laptop"
role = "member"
teams = ["blue"]
user = "alice@example.com"
token = "token-of-a-person-named-alice"
)");
  ASSERT_EQ(config.tokens.size(), 5U);
  EXPECT_EQ(config.tokens[2].principal.acts_for(), "variable");
  EXPECT_EQ(config.tokens[4].principal.acts_for(), "alice@example.com");
  EXPECT_EQ(config.tokens[0].hash, security::hash_token("token-that-stands-here"));
  EXPECT_EQ(config.tokens[0].principal.role, security::Role::kService);
  EXPECT_THAT(config.tokens[0].principal.teams, ElementsAre("blue"));
  EXPECT_EQ(config.tokens[0].expires_ms, 0);
  EXPECT_EQ(config.tokens[1].hash, security::hash_token("token-that-stands-in-a-file"));
  EXPECT_EQ(config.tokens[1].expires_ms, 1'801'353'600'000);
  EXPECT_EQ(config.tokens[2].hash, security::hash_token("token-that-stands-in-the-environment"));
  EXPECT_EQ(config.tokens[2].expires_ms, 1'801'353'600'000);
  EXPECT_EQ(config.tokens[3].hash, security::hash_token("test"));
}

TEST(GoodConfig, ReadsDigestWindowsInTheirThreeForms) {
  const ConfigFolder folder;
  std::string text = "[[team]]\nname = \"blue\"\n";
  for (const char* digest :
       {"digest = \"15m\"", "digest = \"hourly\"", "digest = { daily = \"08:00\", zone = \"Europe/Berlin\" }",
        "digest = { daily = \"23:59\" }\ncollapse = 0", ""}) {
    text += std::string("[[team.channel]]\nname = \"c") + std::to_string(text.size()) +
            "\"\ntype = \"smtp\"\n" + digest + "\n";
  }
  const auto config = load(folder, text);
  const auto& channels = config.teams.at(0).channels;
  ASSERT_EQ(channels.size(), 5U);
  constexpr std::int64_t kAt = 1'795'420'800'000;  // 2026-11-23T08:00:00Z
  EXPECT_EQ(channels[0].options.digest.value().end_after(kAt), kAt + 15 * 60'000);
  EXPECT_EQ(channels[1].options.digest.value().end_after(kAt + 1), kAt + 60 * 60'000);
  EXPECT_EQ(channels[2].options.digest.value().end_after(kAt), kAt + 23 * 3'600'000);
  EXPECT_EQ(channels[3].options.digest.value().end_after(kAt), kAt + (15 * 60 + 59) * 60'000);
  EXPECT_EQ(channels[3].options.collapse, 0U);
  EXPECT_FALSE(channels[4].options.digest);
  EXPECT_FALSE(channels[4].options.collapse);
}

TEST(GoodConfig, ReadsATeamsChannelsAndRules) {
  const ConfigFolder folder;
  const auto config = load(folder, R"([[team]]
name = "blue"
default_alerts = [{ event = "finding.*", from = "high" }, { event = "*" }]
[[team.channel]]
name = "siem"
type = "webhook"
events = ["finding.*", "*"]
retry = ["5s", "1m30s"]
window = 3
paused = true
[[team.channel]]
name = "main"
type = "sh.ntfy"
default = true
[[team.rule]]
name = "first"
category = "security_alert"
severities = ["critical", "high"]
sources = ["cspm"]
events = ["sla.*"]
labels = { env = "prod", "k8s.io/app" = "web" }
channels = ["main", "siem"]
stop = true
[[team.rule]]
name = "second"
channels = ["siem"]
severities = []
)");
  ASSERT_EQ(config.teams.size(), 1U);
  const auto& team = config.teams[0];
  const auto& definition = team.definition();
  EXPECT_EQ(definition.name, "blue");
  ASSERT_EQ(definition.channels.size(), 2U);
  ASSERT_EQ(team.channels.size(), 2U);
  EXPECT_EQ(definition.channels[0].name, "siem");
  EXPECT_THAT(definition.channels[0].subscription, ElementsAre("finding.*", "*"));
  EXPECT_EQ(definition.channels[1].type, "sh.ntfy");
  EXPECT_TRUE(definition.channels[1].is_default);
  EXPECT_THAT(team.channels[0].options.retry_ms, ElementsAre(5000, 90'000));
  EXPECT_EQ(team.channels[0].options.window, 3U);
  EXPECT_TRUE(team.channels[0].options.paused);
  EXPECT_EQ(team.channels[0].position.line, 4U);
  EXPECT_EQ(team.channels[1].options.window, 0U);
  EXPECT_EQ(team.channels[1].settings, "{}");
  ASSERT_EQ(definition.rules.size(), 2U);
  const auto& rule = definition.rules[0];
  EXPECT_EQ(rule.category, Category::kSecurityAlert);
  EXPECT_THAT(rule.severities, ElementsAre(Severity::kCritical, Severity::kHigh));
  EXPECT_THAT(rule.sources, ElementsAre("cspm"));
  EXPECT_THAT(rule.labels, ElementsAre(Label{"env", "prod"}, Label{"k8s.io/app", "web"}));
  EXPECT_THAT(rule.channels, ElementsAre(1, 0));
  EXPECT_TRUE(rule.stop);
  EXPECT_THAT(definition.rules[1].severities, IsEmpty());
  ASSERT_TRUE(definition.default_alerts);
  EXPECT_EQ((*definition.default_alerts)[1].from, Severity::kInfo);
}

TEST(GoodConfig, CompilesTheRulesItRead) {
  const ConfigFolder folder;
  const auto config = load(folder, std::string(kTeam) + R"(
[[team.channel]]
name = "c"
type = "webhook"
[[team.rule]]
name = "r"
severities = ["high"]
channels = ["c"]
)");
  Event event;
  event.type = "scan.failed";
  event.severity = Severity::kHigh;
  std::vector<std::uint32_t> channels;
  config.teams[0].rules->plan(event, channels);
  EXPECT_THAT(channels, ElementsAre(0U));
}

TEST(GoodConfig, TurnsSettingsIntoJson) {
  const ConfigFolder folder;
  const auto config = load(folder, std::string(kTeam) + R"(
[[team.channel]]
name = "c"
type = "webhook"
[team.channel.settings]
url = "https://x.example/ä"
count = 3
big = 9223372036854775807
ratio = 0.5
on = true
day = 2026-11-23
at = 2026-11-23T08:00:00Z
list = [1, "two", [3]]
file = "a plain key named file"
[team.channel.settings.headers]
X-One = "1"
[team.channel.settings.table]
env = "no reference: it is not written inline"
)");
  EXPECT_EQ(
      config.teams[0].channels[0].settings,
      R"({"at":"2026-11-23T08:00:00Z","big":9223372036854775807,"count":3,"day":"2026-11-23",)"
      R"("file":"a plain key named file","headers":{"X-One":"1"},"list":[1,"two",[3]],"on":true,)"
      R"("ratio":5E-1,"table":{"env":"no reference: it is not written inline"},"url":"https://x.example/ä"})");
  EXPECT_THAT(config.teams[0].channels[0].secrets, IsEmpty());
}

TEST(GoodConfig, TakesReferencedSecretsOutOfTheSettings) {
  const ConfigFolder folder;
  folder.write("secret", "from a file\n");
  folder.write("cred", "from a credential\n");
  const ScopedVariable secret("TOCSIN_TEST_SECRET", "from the environment");
  const ScopedVariable credentials("CREDENTIALS_DIRECTORY", folder.path(""));
  const auto config = load(folder, std::string(kTeam) + R"(
[[team.channel]]
name = "c"
type = "webhook"
[team.channel.settings]
url = "https://x.example"
secret = { file = "secret" }
[team.channel.settings.headers]
"a/b~c" = { env = "TOCSIN_TEST_SECRET" }
X-Plain = "stays"
Authorization = { credential = "cred" }
)");
  const auto& channel = config.teams[0].channels[0];
  EXPECT_EQ(channel.settings, R"({"headers":{"X-Plain":"stays"},"url":"https://x.example"})");
  ASSERT_EQ(channel.secrets.size(), 3U);
  EXPECT_EQ(channel.secrets[0].first, "/headers/Authorization");
  EXPECT_EQ(channel.secrets[0].second.reveal(), "from a credential");
  EXPECT_EQ(channel.secrets[1].first, "/headers/a~1b~0c");
  EXPECT_EQ(channel.secrets[1].second.reveal(), "from the environment");
  EXPECT_EQ(channel.secrets[2].first, "/secret");
  EXPECT_EQ(channel.secrets[2].second.reveal(), "from a file");
}

TEST(GoodConfig, ReadsManyRulesWithEachOnItsLine) {
  const ConfigFolder folder;
  std::string text(kTeam);
  text += "[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\n";
  for (int i = 0; i < 3000; ++i) {
    text += "[[team.rule]]\nname = \"rule-" + std::to_string(i) + "\"\nsources = [\"s" + std::to_string(i) +
            "\"]\nchannels = [\"c\"]\n";
  }
  EXPECT_EQ(load(folder, text).teams[0].definition().rules.size(), 3000U);
  const auto broken = folder.load(text + "[[team.rule]]\nname = \"rule-7\"\nchannels = [\"c\"]\n");
  ASSERT_FALSE(broken);
  EXPECT_THAT(broken.error().detail,
              testing::HasSubstr(":12007: team[0].rule[3000].name: another rule is called \"rule-7\""));
}

}  // namespace
}  // namespace tocsin::config
