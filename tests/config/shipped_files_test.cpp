// The files that ship: the built-in catalogue against its corpus, the example and the quick start against the
// reader, the manual against the list of keys.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "config/config.hpp"
#include "config/config_folder.hpp"
#include "config/keys.hpp"
#include "security/signature.hpp"

namespace tocsin::config {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::string kSource = TOCSIN_SOURCE_DIR;

TEST(BuiltInCatalogue, HasTheCorpusTypesWithTheirCategories) {
  const auto types = built_in_event_types();
  ASSERT_TRUE(types) << types.error().detail;
  std::map<std::string, const EventType*> by_name;
  for (const auto& type : *types) by_name[type.name] = &type;
  std::size_t expected = 0;
  const auto corpus = boost::json::parse(read(std::string(TOCSIN_CORPORA) + "/event_catalogue.json"));
  for (const auto& entry : corpus.as_array()) {
    const std::string name(entry.at("type").as_string());
    if (name.starts_with("system.")) continue;  // a proposal of the corpus, not a type
    ++expected;
    ASSERT_TRUE(by_name.contains(name)) << name;
    const std::string category(entry.at("category").as_string());
    EXPECT_EQ(to_string(by_name[name]->category), category == "security" ? "security_alert" : category)
        << name;
    const std::string alert(entry.at("default_alert").as_string());
    EXPECT_EQ(by_name[name]->default_alert, !alert.starts_with("no")) << name;
    EXPECT_FALSE(by_name[name]->summary.empty()) << name;
  }
  const auto own = std::count_if(types->begin(), types->end(), [](const EventType& type) {
    return type.name.starts_with(kOwnEventPrefix);
  });
  EXPECT_EQ(types->size(), expected + static_cast<std::size_t>(own));
}

TEST(BuiltInCatalogue, HasTheDefaultSeverities) {
  const auto catalogue = Catalogue::create(*built_in_event_types()).value();
  const std::map<std::string, std::optional<Severity>> expected = {
      {"finding.created", std::nullopt},
      {"finding.resolved", Severity::kMedium},
      {"finding.excepted", Severity::kMedium},
      {"scan.started", Severity::kInfo},
      {"scan.completed", Severity::kInfo},
      {"scan.failed", Severity::kHigh},
      {"sla.warning", Severity::kMedium},
      {"sla.breached", Severity::kHigh},
      {"compliance.drift_detected", Severity::kHigh},
      {"exception.requested", Severity::kMedium},
      {"exception.approved", Severity::kInfo},
      {"exception.rejected", Severity::kInfo},
      {"user.login", Severity::kInfo},
      {"user.mfa_enabled", Severity::kInfo},
      {"system.channel_stopped", Severity::kHigh},
      {"system.deliveries_failed", Severity::kHigh},
      {"system.secret_unusable", Severity::kHigh},
      {"system.not_in_force", Severity::kHigh},
      {"system.disk_low", Severity::kCritical},
      {"channel.test", Severity::kInfo}};
  for (const auto& type : catalogue.types())
    EXPECT_EQ(type.default_severity, expected.at(type.name)) << type.name;
  EXPECT_EQ(catalogue.types().size(), expected.size());
  EXPECT_EQ(catalogue.find("sla.breached")->floor, Severity::kHigh);
  EXPECT_EQ(catalogue.find("finding.created")->default_alert_from, Severity::kHigh);
}

TEST(ExampleFile, LoadsAndNamesEveryKey) {
  const auto file = kSource + "/config/tocsin.example.toml";
  const auto config = load_config(file);
  ASSERT_TRUE(config) << config.error().detail;
  const auto text = read(file);
  for (const auto& section : sections()) {
    for (const auto key : section.keys) {
      if (section.name == "token" && key.starts_with("token")) continue;  // one form excludes the others
      EXPECT_TRUE(std::regex_search(text, std::regex("\\b" + std::string(key) + "\\b")))
          << section.name << '.' << key;
    }
  }
}

TEST(ExampleFile, ShowsTheDefaults) {
  const auto config = load_config(kSource + "/config/tocsin.example.toml");
  ASSERT_TRUE(config);
  const Config defaults;
  EXPECT_EQ(config->server.data_dir, defaults.server.data_dir);
  EXPECT_EQ(config->server.listen, defaults.server.listen);
  EXPECT_EQ(config->server.socket, defaults.server.socket);
  EXPECT_EQ(config->limits.event_bytes, defaults.limits.event_bytes);
  EXPECT_EQ(config->limits.batch_bytes, defaults.limits.batch_bytes);
  EXPECT_EQ(config->limits.batch_events, defaults.limits.batch_events);
  EXPECT_EQ(config->limits.connections, defaults.limits.connections);
  EXPECT_EQ(config->limits.streams, defaults.limits.streams);
  EXPECT_EQ(config->limits.queued_events, defaults.limits.queued_events);
  EXPECT_EQ(config->limits.window, defaults.limits.window);
  EXPECT_EQ(config->limits.hot_queue, defaults.limits.hot_queue);
  EXPECT_EQ(config->store.retention_ms, defaults.store.retention_ms);
  EXPECT_EQ(config->store.idempotency_ms, defaults.store.idempotency_ms);
  EXPECT_EQ(config->egress.max_connections, defaults.egress.max_connections);
  EXPECT_EQ(config->egress.ca_file, defaults.egress.ca_file);
  EXPECT_EQ(config->egress.smtp_without_tls, defaults.egress.smtp_without_tls);
  EXPECT_EQ(config->log.level, defaults.log.level);
  EXPECT_EQ(config->log.format, defaults.log.format);
}

TEST(QuickStartFile, LoadsAndSaysToDevWhatItDoes) {
  const auto file = kSource + "/config/quickstart.toml";
  const auto config = load_config(file);
  ASSERT_TRUE(config) << config.error().detail;
  const auto text = read(file);
  const auto setting = [&](const std::string& name) {
    std::smatch found;
    EXPECT_TRUE(std::regex_search(text, found, std::regex("# dev: " + name + " = (\\S+)"))) << name;
    return found[1].str();
  };
  EXPECT_THAT(config->server.listen, testing::ElementsAre(setting("api")));
  ASSERT_EQ(config->tokens.size(), 2U);
  EXPECT_EQ(config->tokens[0].hash, security::hash_token(setting("token")));
  EXPECT_EQ(config->tokens[1].principal.role, security::Role::kMember);
  ASSERT_EQ(config->teams.size(), 1U);
  EXPECT_TRUE(security::webhook_key(setting("secret"))) << "the secret is a well-formed whsec_ one";
  for (const auto& channel : config->teams[0].channels) {
    EXPECT_THAT(channel.settings, testing::HasSubstr("http://" + setting("sink") + "/"));
    EXPECT_THAT(channel.settings, testing::HasSubstr(setting("secret")));
  }
}

TEST(Manual, NamesEverySectionAndKey) {
  const auto manual = read(kSource + "/docs/configuration.md");
  for (const auto& section : sections()) {
    if (section.name.empty() || section.name == "team.default_alerts")
      continue;  // the latter: under [[team]]
    const std::string heading = "## `[" + std::string(section.name) + "]`";
    const std::string list_heading = "## `[[" + std::string(section.name) + "]]`";
    const auto begin = std::min(manual.find(heading), manual.find(list_heading));
    ASSERT_NE(begin, std::string::npos)
        << "docs/configuration.md has no heading for [" << section.name << "]";
    const auto text = manual.substr(begin, manual.find("\n## ", begin + 1) - begin);
    for (const auto key : section.keys) {
      if (section.name == "team" && (key == "channel" || key == "rule" || key == "silence")) {
        continue;  // sections of their own
      }
      EXPECT_THAT(text, testing::HasSubstr("| `" + std::string(key) + "` |")) << section.name;
    }
  }
}

// The channels the example of docs/routing.md gives for an event.
std::vector<std::string> plan_of(const TeamConfig& team, const Catalogue& catalogue, const char* type,
                                 Severity severity) {
  Event event;
  event.type = type;
  event.category = catalogue.find(type)->category;
  event.severity = severity;
  return team.rules->explain(event).channels;
}

TEST(RoutingManual, ShowsAnExampleThatDoesWhatItSays) {
  const auto manual = read(kSource + "/docs/routing.md");
  const auto begin = manual.find("```toml\n") + 8;
  const ConfigFolder folder;
  folder.write("alerts.url", "https://hooks.example/1");
  folder.write("security-critical.url", "https://hooks.example/2");
  const auto config = folder.load(manual.substr(begin, manual.find("```", begin) - begin));
  ASSERT_TRUE(config) << config.error().detail;
  const auto plan = [&](const char* type, Severity severity) {
    return plan_of(config->teams[0], *config->catalogue, type, severity);
  };
  EXPECT_THAT(plan("finding.created", Severity::kCritical),
              testing::ElementsAre("siem", "security-critical"));
  EXPECT_THAT(plan("finding.created", Severity::kLow), testing::ElementsAre("siem"));
  EXPECT_THAT(plan("scan.failed", Severity::kHigh), testing::ElementsAre("alerts"));
  EXPECT_THAT(plan("scan.completed", Severity::kInfo), testing::IsEmpty());
}

}  // namespace
}  // namespace tocsin::config
