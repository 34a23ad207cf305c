// The table below is the whole of authorization: a role not in a row may not.
#include "security/principal.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstring>

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

struct Grant {
  Permission permission;
  bool service, member, admin, operator_;
};
constexpr Grant kGrants[] = {
    {Permission::kPushEvents, true, false, true, true},
    {Permission::kReadEvents, true, false, true, true},
    {Permission::kReadInbox, false, true, true, true},
    {Permission::kReadCatalogue, true, true, true, true},
    {Permission::kReadPlugins, false, false, false, true},
    {Permission::kManagePlugins, false, false, false, true},
    {Permission::kManageIntegrations, false, false, true, true},
    {Permission::kReadAudit, false, false, true, true},
    {Permission::kReadAuditOfAll, false, false, false, true},
    {Permission::kManageTokens, false, false, true, true},
    {Permission::kManageKeys, false, false, false, true},
    {Permission::kLetOthersIn, false, false, false, true},
};

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

bool Principal::may(Permission permission) const {
  for (const Grant& grant : kGrants) {
    if (grant.permission == permission) {
      switch (role) {
        case Role::kService:
          return grant.service;
        case Role::kMember:
          return grant.member;
        case Role::kAdmin:
          return grant.admin;
        case Role::kOperator:
          return grant.operator_;
      }
    }
  }
  return false;
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
