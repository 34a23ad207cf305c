// What teams keep in the store instead of in the configuration file: their channels, rules, silences and
// default alert set, as the API takes them. The store knows names and versions, not what the texts mean;
// secrets come sealed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/ids.hpp"

namespace tocsin::store {

// The numbers are stored: append only.
enum class ObjectKind : std::uint8_t { kChannel = 1, kRule = 2, kSilence = 3, kDefaultAlerts = 4 };

struct StoredSecret {
  std::string pointer;  // JSON pointer in the settings: "/secret"
  std::string key;      // the id of the master key
  std::string sealed;
};

struct ObjectRecord {
  TeamId team = 0;
  ObjectKind kind = ObjectKind::kChannel;
  std::string name;
  std::string body;          // a JSON object, without the name and the secrets
  std::int64_t place = 0;    // rules: their order in the team, ascending
  std::int64_t version = 0;  // counts from 1; given by the store
  std::int64_t created_ms = 0, updated_ms = 0;
  std::vector<StoredSecret> secrets;
};

// One change: what the object is from now on, or that it is gone.
struct ObjectWrite {
  ObjectRecord object;  // of a removal only whose it is
  bool remove = false;
  std::int64_t expected = 0;  // the version it has now; 0: there must be none
};

// All objects of a kind that a team has, in their order from now on.
struct ObjectOrder {
  TeamId team = 0;
  ObjectKind kind = ObjectKind::kRule;
  std::vector<std::string> names;
};

// ---- changing the master key

// Where a sealed value lies.
struct SecretAt {
  TeamId team = 0;
  ObjectKind kind = ObjectKind::kChannel;
  std::string name;
  std::string pointer;
};
struct SealedValue {
  SecretAt at;
  std::string team_name;
  std::string key;
  std::string sealed;
};
// The same value under another key; `before` is how it was sealed when it was read.
struct Rewrapped {
  SecretAt at;
  std::string before;
  std::string key;
  std::string sealed;
};
// How many values a key has sealed.
struct KeyUse {
  std::string key;
  std::int64_t secrets = 0;
};

}  // namespace tocsin::store
