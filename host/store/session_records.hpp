// The sessions of people who are signed in to the console, as the store keeps them: never the cookie itself.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tocsin::store {

using SessionHash = std::array<std::uint8_t, 32>;  // SHA-256 of the cookie

struct SessionRecord {
  SessionHash hash{};
  std::string name;
  std::string role;
  std::vector<std::string> teams;  // by name; none: an operator's
  std::string user;
  std::vector<std::string> scopes;  // names of permissions; none: what the role may
  std::int64_t expires_ms = 0;
  std::optional<SessionHash> let_in_by;  // SHA-256 of the token behind the link; none: no token's
  std::int64_t let_in_until_ms = 0;      // that token's end; 0: it has none
};

}  // namespace tocsin::store
