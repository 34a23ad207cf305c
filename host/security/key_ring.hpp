// The master keys that secrets are sealed with at rest: AES-256-GCM with a random nonce, bound to the place
// the secret belongs to, so that a sealed value that is changed, cut or moved to another row does not open.
// Several keys may be known at once; one of them seals what is new. Immutable, so any thread may ask. Where
// the keys come from and what is sealed is not its business.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "security/secret.hpp"

namespace tocsin::security {

// A key and the name that sealed values carry. 1 to 32 characters of a-z, 0-9, '-' and '_'.
struct MasterKey {
  std::string id;
  Secret bytes;  // 32
  // Why there are none: its file is not there, say. Such a key is known and opens nothing, so that a daemon
  // starts without it and loses nothing.
  std::string unusable{};
};
// The 32 bytes of a key as an operator writes it: base64 (44 characters) or hexadecimal (64), blanks around
// it ignored. kInvalid says what it must look like; never a piece of it.
[[nodiscard]] Result<Secret> read_master_key(const Secret& text);
// A new one as base64, for an operator to keep.
[[nodiscard]] std::string make_master_key();

// Whose secret it is. All three are part of what is authenticated.
struct SecretPlace {
  std::string_view team;
  std::string_view channel;
  std::string_view field;  // JSON pointer: "/secret"
};

struct SealedSecret {
  std::string key;    // the id of the master key
  std::string bytes;  // nonce (12), ciphertext, tag (16)
};

class KeyRing {
 public:
  KeyRing() = default;  // no key: nothing can be sealed or opened
  // kInvalid: an id is malformed or there twice, a key is not 32 bytes long, `active` is none of them.
  static Result<KeyRing> create(std::vector<MasterKey> keys, std::string active);

  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] const std::string& active() const { return active_; }
  // What is wrong with which key, a sentence each.
  [[nodiscard]] std::vector<std::string> faults() const;
  // Each key, in the order of the configuration, and why it cannot be used; empty: it can.
  struct State {
    std::string id;
    std::string fault;
  };
  [[nodiscard]] std::vector<State> states() const;
  // Whether anything can be sealed. kUnavailable: no, and why.
  [[nodiscard]] Result<void> can_seal() const;
  [[nodiscard]] bool knows(std::string_view id) const { return find(id) != nullptr; }

  // With the active key. kUnavailable: there is none, or it is unusable.
  [[nodiscard]] Result<SealedSecret> seal(const Secret& secret, const SecretPlace& place) const;
  // kUnavailable: its key is not known here or unusable, the text names it. kInvalid: it was changed, cut, or
  // belongs somewhere else.
  [[nodiscard]] Result<Secret> open(const SealedSecret& sealed, const SecretPlace& place) const;

 private:
  [[nodiscard]] const MasterKey* find(std::string_view id) const;
  std::vector<MasterKey> keys_;
  std::string active_;
};

}  // namespace tocsin::security
