// See token_book.hpp.
#include "api/token_book.hpp"

#include <algorithm>

namespace tocsin::api {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kTakeEveryMs = kMinuteMs;

}  // namespace

void TokenBook::use_file(std::vector<security::TokenEntry> tokens) {
  file_ = std::move(tokens);
  make_table();
}

void TokenBook::use_stored(std::vector<store::TokenRecord> tokens) {
  stored_.clear();
  for (auto& token : tokens) {
    std::string name = token.name;
    stored_.emplace(std::move(name), std::move(token));
  }
  make_table();
}

void TokenBook::put(store::TokenRecord token) {
  std::string name = token.name;
  stored_.insert_or_assign(std::move(name), std::move(token));
  make_table();
}

bool TokenBook::is_in_file(std::string_view name) const {
  return std::ranges::any_of(
      file_, [name](const security::TokenEntry& entry) { return entry.principal.name == name; });
}

void TokenBook::make_table() {
  std::vector<security::TokenEntry> entries;
  for (const auto& [name, token] : stored_) {
    const auto role = security::find_role(token.role);
    if (token.revoked_ms != 0 || !role || is_in_file(name)) continue;
    security::Principal principal{name, *role, token.teams, token.user};
    if (!token.scopes.empty()) principal.scopes = security::read_scopes(token.scopes);
    entries.push_back({token.hash, std::move(principal), token.expires_ms});
  }
  entries.insert(entries.end(), file_.begin(), file_.end());  // the later one of a hash counts
  table_ = security::TokenTable(std::move(entries));
}

const security::Principal* TokenBook::find(std::string_view token, std::int64_t now_ms) {
  const auto* principal = table_.find(token, now_ms);
  if (principal == nullptr) return nullptr;
  const auto stored = stored_.find(principal->name);
  const std::int64_t minute_ms = now_ms - now_ms % kMinuteMs;
  if (stored != stored_.end() && stored->second.used_ms < minute_ms && !is_in_file(principal->name)) {
    stored->second.used_ms = minute_ms;
    uses_[principal->name] = minute_ms;
  }
  return principal;
}

std::vector<store::TokenUse> TokenBook::take_uses(std::int64_t now_ms, bool all) {
  std::vector<store::TokenUse> taken;
  if (uses_.empty() || (!all && now_ms - taken_ms_ < kTakeEveryMs)) return taken;
  for (const auto& [name, at_ms] : uses_) taken.push_back({name, at_ms});
  uses_.clear();
  taken_ms_ = now_ms;
  return taken;
}

}  // namespace tocsin::api
