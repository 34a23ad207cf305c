// The table below is the whole of authorization: what a role may unasked, and what it may have besides where
// its scopes name it.
#include "security/principal.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

enum class May : std::uint8_t { kNo, kYes, kNamed };

struct Grant {
  Permission permission;
  std::string_view name;
  std::array<May, 4> roles;  // service, member, admin, operator
};
constexpr May no = May::kNo, yes = May::kYes, named = May::kNamed;
constexpr Grant kGrants[] = {
    {Permission::kPushEvents, "push_events", {yes, no, yes, yes}},
    {Permission::kReadEvents, "read_events", {yes, named, yes, yes}},
    {Permission::kReadInbox, "read_inbox", {no, yes, yes, yes}},
    {Permission::kReadCatalogue, "read_catalogue", {yes, yes, yes, yes}},
    {Permission::kReadPlugins, "read_plugins", {no, no, no, yes}},
    {Permission::kManagePlugins, "manage_plugins", {no, no, no, yes}},
    {Permission::kManageIntegrations, "manage_integrations", {no, named, yes, yes}},
    {Permission::kReadAudit, "read_audit", {no, named, yes, yes}},
    {Permission::kReadAuditOfAll, "read_audit_of_all", {no, no, no, yes}},
    {Permission::kManageTokens, "manage_tokens", {no, no, yes, yes}},
    {Permission::kManageKeys, "manage_keys", {no, no, no, yes}},
    {Permission::kLetOthersIn, "let_others_in", {no, no, no, yes}},
};

const Grant& grant_of(Permission permission) {
  const auto* const found = std::ranges::find(kGrants, permission, &Grant::permission);
  TOCSIN_EXPECT(found != std::end(kGrants));
  return *found;
}

May may_role(Role role, const Grant& grant) {
  return grant.roles[static_cast<std::size_t>(role)];
}

constexpr std::string_view kRoleNames[] = {"service", "member", "admin", "operator"};

}  // namespace

std::optional<Role> find_role(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kRoleNames); ++i) {
    if (kRoleNames[i] == name) {
      return static_cast<Role>(i);
    }
  }
  return std::nullopt;
}

std::string_view to_string(Role role) {
  return kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<Permission> find_permission(std::string_view name) {
  const auto* const found = std::ranges::find(kGrants, name, &Grant::name);
  return found == std::end(kGrants) ? std::nullopt : std::optional(found->permission);
}

std::string_view to_string(Permission permission) {
  return grant_of(permission).name;
}

std::span<const Permission> all_permissions() {
  static const auto all = [] {
    std::array<Permission, std::size(kGrants)> permissions{};
    std::ranges::transform(kGrants, permissions.begin(), &Grant::permission);
    return permissions;
  }();
  return all;
}

std::string refuse_scope(Role role, std::string_view name) {
  const auto permission = find_permission(name);
  if (permission && may_role(role, grant_of(*permission)) != May::kNo) return {};
  std::string usable;
  for (const Grant& grant : kGrants) {
    if (may_role(role, grant) == May::kNo) continue;
    if (!usable.empty()) usable += ", ";
    usable += grant.name;
  }
  const std::string who(to_string(role));
  return (permission ? "cannot be given to the role " + who + ": " : "is no scope: ") + "the role " + who +
         " may have " + usable;
}

PermissionSet read_scopes(const std::vector<std::string>& names) {
  PermissionSet scopes;
  for (const auto& name : names) {
    if (const auto permission = find_permission(name)) scopes.add(*permission);
  }
  return scopes;
}

std::vector<std::string> names_of(const PermissionSet& scopes) {
  std::vector<std::string> names;
  for (const Grant& grant : kGrants) {
    if (scopes.has(grant.permission)) names.emplace_back(grant.name);
  }
  return names;
}

std::vector<Permission> excess(const Principal& made, const Principal& maker) {
  std::vector<Permission> over;
  for (const Grant& grant : kGrants) {
    if (made.may(grant.permission) && !maker.may(grant.permission)) over.push_back(grant.permission);
  }
  return over;
}

bool Principal::may(Permission permission) const {
  const May given = may_role(role, grant_of(permission));
  return scopes ? given != May::kNo && scopes->has(permission) : given == May::kYes;
}

bool Principal::sees(std::string_view team) const {
  return role == Role::kOperator || std::find(teams.begin(), teams.end(), team) != teams.end();
}

TokenHash hash_token(std::string_view token) {
  return sha256(token);
}

std::optional<TokenHash> parse_token_hash(std::string_view hex) {
  const auto bytes = decode_hex(hex);
  TokenHash hash{};
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string make_token(std::string_view prefix) {
  unsigned char random[32];
  TOCSIN_EXPECT(RAND_bytes(random, sizeof random) == 1);
  std::string text = encode_base64({reinterpret_cast<const char*>(random), sizeof random});
  text.pop_back();  // 32 bytes leave one '='
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return std::string(prefix) + text;
}

std::size_t TokenHasher::operator()(const TokenHash& hash) const {
  std::size_t value = 0;
  std::memcpy(&value, hash.data(), sizeof value);
  return value;
}

TokenTable::TokenTable(std::vector<TokenEntry> entries) {
  for (TokenEntry& entry : entries) {
    const TokenHash hash = entry.hash;
    entry.principal.expires_ms = entry.expires_ms;
    entries_.insert_or_assign(hash, std::move(entry));
  }
}

const Principal* TokenTable::find(std::string_view token, std::int64_t now_ms) const {
  return find(hash_token(token), now_ms);
}

const Principal* TokenTable::find(const TokenHash& hash, std::int64_t now_ms) const {
  const auto found = entries_.find(hash);
  if (found == entries_.end()) {
    return nullptr;
  }
  const TokenEntry& entry = found->second;
  return entry.expires_ms != 0 && entry.expires_ms <= now_ms ? nullptr : &entry.principal;
}

}  // namespace tocsin::security
