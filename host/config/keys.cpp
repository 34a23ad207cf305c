// See keys.hpp.
#include "config/keys.hpp"

#include <algorithm>
#include <array>

#include "model/error.hpp"

namespace tocsin::config {
namespace {

using Name = std::string_view;

constexpr Name kFile[] = {"server",     "limits", "store", "egress", "secrets", "log",
                          "event_type", "plugin", "token", "peer",   "team"};
constexpr Name kServer[] = {"data_dir", "listen", "insecure_bind", "socket", "hosts"};
constexpr Name kLimits[] = {"event_bytes", "batch_bytes",   "batch_events", "connections",
                            "streams",     "queued_events", "window",       "hot_queue"};
constexpr Name kStore[] = {"retention", "idempotency", "audit_retention", "low_space"};
constexpr Name kEgress[] = {"allow", "ca_file", "max_connections", "smtp_without_tls"};
constexpr Name kSecrets[] = {"active", "key"};
constexpr Name kSecretKey[] = {"id", "file", "env", "credential"};
constexpr Name kLog[] = {"level", "format"};
constexpr Name kEventType[] = {"name", "summary", "category", "default_severity", "floor", "default_alert"};
constexpr Name kPlugin[] = {"path", "sha256", "isolation", "require"};
constexpr Name kToken[] = {"name",       "role",      "teams",  "user",    "token",
                           "token_file", "token_env", "sha256", "expires", "scopes"};
constexpr Name kPeer[] = {"name", "role", "teams", "user", "scopes", "uid", "account"};
constexpr Name kTeam[] = {"name", "in_app", "default_alerts", "channel", "rule", "silence"};
constexpr Name kDefaultAlert[] = {"event", "from"};
constexpr Name kChannel[] = {"name",   "type",   "default",  "events", "retry",   "window",
                             "paused", "digest", "collapse", "quiet",  "settings"};
constexpr Name kDigest[] = {"daily", "zone"};
constexpr Name kRule[] = {"name",   "category", "severities", "sources",
                          "events", "labels",   "channels",   "stop"};

constexpr Name kQuiet[] = {"from", "to", "zone", "days", "bypass"};
constexpr Name kSilence[] = {"name",     "category", "severities", "sources", "events", "labels",
                             "channels", "from",     "until",      "author",  "reason"};

constexpr auto kSections = std::to_array<Section>({{"", kFile},
                                                   {"server", kServer},
                                                   {"limits", kLimits},
                                                   {"store", kStore},
                                                   {"egress", kEgress},
                                                   {"secrets", kSecrets},
                                                   {"secrets.key", kSecretKey},
                                                   {"log", kLog},
                                                   {"event_type", kEventType},
                                                   {"plugin", kPlugin},
                                                   {"token", kToken},
                                                   {"peer", kPeer},
                                                   {"team", kTeam},
                                                   {"team.default_alerts", kDefaultAlert},
                                                   {"team.channel", kChannel},
                                                   {"team.channel.digest", kDigest},
                                                   {"team.channel.quiet", kQuiet},
                                                   {"team.rule", kRule},
                                                   {"team.silence", kSilence}});

}  // namespace

std::span<const Section> sections() {
  return kSections;
}

const Section& find_section(std::string_view name) {
  const auto* const found = std::find_if(kSections.begin(), kSections.end(),
                                         [&](const Section& section) { return section.name == name; });
  TOCSIN_EXPECT(found != kSections.end());
  return *found;
}

}  // namespace tocsin::config
