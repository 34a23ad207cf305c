// Console sessions: a link carries a code that works once and for ten minutes, the code opens a session that
// a browser's cookie names. Codes and cookies are kept as SHA-256 only; sessions are given back by whoever
// keeps them over a restart, codes are not kept. Both are bounded in number; the oldest gives way. Not
// thread-safe: all of it belongs to [api].
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "security/principal.hpp"

namespace tocsin::security {

struct SessionLimits {
  std::size_t codes = 64;
  std::size_t sessions = 512;
  std::int64_t code_ms = 10 * 60'000;
  std::int64_t session_ms = 12 * 3'600'000;
};

struct OpenedSession {
  std::string secret;  // the cookie's value
  Principal principal;
};

class SessionTable {
 public:
  explicit SessionTable(SessionLimits limits = {}) : limits_(limits) {}

  // A code that opens one session as `principal`.
  [[nodiscard]] std::string issue(Principal principal, std::int64_t now_ms);
  // nullopt: unknown, used or too old; they look the same.
  [[nodiscard]] std::optional<OpenedSession> redeem(std::string_view code, std::int64_t now_ms);
  // A session of before a restart; `principal` has its end.
  void restore(const TokenHash& session, Principal principal, std::int64_t now_ms);
  // nullptr: unknown, ended or expired. Good until the next call that is not const.
  [[nodiscard]] const Principal* find(const TokenHash& session, std::int64_t now_ms) const;
  // False: there is no such session.
  bool end(const TokenHash& session);
  // Ends the sessions, and the codes, whose token is none any more; the ended sessions.
  std::vector<TokenHash> end_orphans(const TokenTable& tokens, std::int64_t now_ms);

  [[nodiscard]] const SessionLimits& limits() const { return limits_; }
  [[nodiscard]] std::size_t codes() const { return codes_.size(); }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

 private:
  struct Entry {
    Principal principal;
    std::int64_t expires_ms = 0;
  };
  using Entries = std::unordered_map<TokenHash, Entry, TokenHasher>;
  static void make_room(Entries& entries, std::size_t most, std::int64_t now_ms);

  SessionLimits limits_;
  Entries codes_;
  Entries sessions_;
};

}  // namespace tocsin::security
