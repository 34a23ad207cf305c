// Who is calling and what that caller may do: one table of roles and permissions, the only place that
// decides. Tokens are kept as SHA-256 only. Immutable after building, so any thread may ask.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/error.hpp"

namespace tocsin::security {

enum class Role : std::uint8_t { kService, kMember, kAdmin, kOperator };
enum class Permission : std::uint8_t {
  kPushEvents,          // POST /v1/events for its teams
  kReadEvents,          // events, deliveries, attempts, explain of its teams
  kReadInbox,           // the notification centre of its teams, for the user it acts for; marks too
  kReadCatalogue,       // event types, channel types
  kReadPlugins,         // plugin list: operators
  kManagePlugins,       // the end of a plugin's quarantine: operators
  kManageIntegrations,  // channels, rules and silences of its teams, redelivery
  kReadAudit,           // what was done to its teams' configuration and deliveries
  kReadAuditOfAll,      // the same of every team: operators
  kManageTokens,        // tokens of its teams; operators: all of them
  kManageKeys,          // the master keys and their rotation: operators
  kLetOthersIn,         // one-time links into the console, as whoever they name: operators
};

[[nodiscard]] std::optional<Role> find_role(std::string_view name);
[[nodiscard]] std::string_view to_string(Role role);
[[nodiscard]] std::optional<Permission> find_permission(std::string_view name);
[[nodiscard]] std::string_view to_string(Permission permission);
[[nodiscard]] std::span<const Permission> all_permissions();

class PermissionSet {
 public:
  void add(Permission permission) { bits_ |= 1U << static_cast<unsigned>(permission); }
  [[nodiscard]] bool has(Permission permission) const {
    return (bits_ >> static_cast<unsigned>(permission) & 1U) != 0;
  }

 private:
  std::uint32_t bits_ = 0;
};

// Why `name` cannot be a scope of somebody with this role; empty: it can.
[[nodiscard]] std::string refuse_scope(Role role, std::string_view name);
// Those of the names that are permissions.
[[nodiscard]] PermissionSet read_scopes(const std::vector<std::string>& names);
[[nodiscard]] std::vector<std::string> names_of(const PermissionSet& scopes);

using TokenHash = std::array<std::uint8_t, 32>;

// Of a console session: the token behind the link that let its person in. With its end the session ends.
struct LetIn {
  TokenHash by{};
  std::int64_t until_ms = 0;  // the token's end; 0: it has none
};

struct Principal {
  std::string name;  // the token's, for logs
  Role role = Role::kService;
  std::vector<std::string> teams;         // ignored for operators, who see all
  std::string user{};                     // whose notification centre it opens; empty: that of its name
  std::int64_t expires_ms = 0;            // the token's end; 0: never
  std::optional<PermissionSet> scopes{};  // what it may; none: what its role may unasked
  std::optional<LetIn> let_in{};          // of a session; none: a user of this machine let them in
  [[nodiscard]] bool may(Permission permission) const;
  [[nodiscard]] bool sees(std::string_view team) const;
  [[nodiscard]] const std::string& acts_for() const { return user.empty() ? name : user; }
};

[[nodiscard]] TokenHash hash_token(std::string_view token);
// 64 hexadecimal digits.
[[nodiscard]] std::optional<TokenHash> parse_token_hash(std::string_view hex);
// A new token: "tcs_" and 43 base64url characters (256 random bits).
[[nodiscard]] std::string make_token(std::string_view prefix = "tcs_");

// A user of this machine who needs no token on the Unix socket.
struct Peer {
  std::uint32_t uid = 0;
  Principal principal;
};

struct TokenHasher {
  std::size_t operator()(const TokenHash& hash) const;
};

// What `made` would be let do that `maker` may not: nobody gives what they have not.
[[nodiscard]] std::vector<Permission> excess(const Principal& made, const Principal& maker);

struct TokenEntry {
  TokenHash hash{};
  Principal principal;
  std::int64_t expires_ms = 0;  // 0: never
};

class TokenTable {
 public:
  TokenTable() = default;
  explicit TokenTable(std::vector<TokenEntry> entries);
  // [any] nullptr: unknown or expired.
  [[nodiscard]] const Principal* find(std::string_view token, std::int64_t now_ms) const;
  [[nodiscard]] const Principal* find(const TokenHash& hash, std::int64_t now_ms) const;

 private:
  std::unordered_map<TokenHash, TokenEntry, TokenHasher> entries_;
};

}  // namespace tocsin::security
