// The tokens that were made over the API, as the store keeps them: by name, and never the token itself.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::store {

struct TokenRecord {
  std::string name;
  std::array<std::uint8_t, 32> hash{};  // SHA-256 of the token
  std::string role;
  std::vector<std::string>
      teams;  // by name, since tokens of the configuration file have names; none: an operator's
  std::vector<std::string> scopes;  // names of permissions; none: what the role may
  std::string user;                 // whose notification centre it opens; empty: that of its name
  std::int64_t created_ms = 0;
  std::string created_by;
  std::int64_t expires_ms = 0;  // 0: never
  std::int64_t used_ms = 0;     // to the minute; 0: not yet
  std::int64_t revoked_ms = 0;  // 0: it is not
};

struct TokenUse {
  std::string name;
  std::int64_t at_ms = 0;
};

}  // namespace tocsin::store
