// See session_table.hpp.
#include "security/session_table.hpp"

#include <algorithm>

namespace tocsin::security {

// Room for one more: what is over goes, and then what would have gone next.
void SessionTable::make_room(Entries& entries, std::size_t most, std::int64_t now_ms) {
  std::erase_if(entries, [now_ms](const auto& each) { return each.second.expires_ms <= now_ms; });
  while (!entries.empty() && entries.size() >= most) {
    entries.erase(std::min_element(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
      return a.second.expires_ms < b.second.expires_ms;
    }));
  }
}

std::string SessionTable::issue(Principal principal, std::int64_t now_ms) {
  make_room(codes_, limits_.codes, now_ms);
  std::string code = make_token("tcl_");
  codes_.insert_or_assign(hash_token(code), Entry{std::move(principal), now_ms + limits_.code_ms});
  return code;
}

std::optional<OpenedSession> SessionTable::redeem(std::string_view code, std::int64_t now_ms) {
  const auto found = codes_.find(hash_token(code));
  if (found == codes_.end()) return std::nullopt;
  Entry entry = std::move(found->second);
  codes_.erase(found);
  if (entry.expires_ms <= now_ms) return std::nullopt;
  make_room(sessions_, limits_.sessions, now_ms);
  entry.expires_ms = now_ms + limits_.session_ms;
  const auto& let_in = entry.principal.let_in;
  if (let_in && let_in->until_ms != 0) entry.expires_ms = std::min(entry.expires_ms, let_in->until_ms);
  entry.principal.expires_ms = entry.expires_ms;
  OpenedSession opened{make_token("tcx_"), entry.principal};
  sessions_.insert_or_assign(hash_token(opened.secret), std::move(entry));
  return opened;
}

void SessionTable::restore(const TokenHash& session, Principal principal, std::int64_t now_ms) {
  if (principal.expires_ms <= now_ms) return;
  make_room(sessions_, limits_.sessions, now_ms);
  const std::int64_t expires_ms = principal.expires_ms;
  sessions_.insert_or_assign(session, Entry{std::move(principal), expires_ms});
}

const Principal* SessionTable::find(const TokenHash& session, std::int64_t now_ms) const {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.expires_ms <= now_ms) return nullptr;
  return &found->second.principal;
}

std::vector<TokenHash> SessionTable::end_orphans(const TokenTable& tokens, std::int64_t now_ms) {
  std::vector<TokenHash> ended;
  const auto is_orphan = [&](const Entry& entry) {
    const auto& let_in = entry.principal.let_in;
    return let_in && tokens.find(let_in->by, now_ms) == nullptr;
  };
  std::erase_if(codes_, [&](const auto& each) { return is_orphan(each.second); });
  for (const auto& [session, entry] : sessions_) {
    if (is_orphan(entry)) ended.push_back(session);
  }
  for (const TokenHash& session : ended) sessions_.erase(session);
  return ended;
}

bool SessionTable::end(const TokenHash& session) {
  return sessions_.erase(session) != 0;
}

}  // namespace tocsin::security
