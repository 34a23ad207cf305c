// How the text of a secret becomes the bytes of a key. Pure; the secret and the key are never in an error's
// text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace tocsin::security {

// In the order of TOCSIN_KEY_* in sdk/include/tocsin/ext/secret.h; plugin/ asserts that.
enum class KeyForm : std::uint8_t {
  kRaw,     // the secret's bytes are the key
  kWhsec,   // "whsec_" + base64 is the decoded key; anything else is raw
  kWhsk,    // "whsk_" + base64 of 32 bytes (a seed) or 64 (seed, public key): the seed
  kHex,     // either case
  kBase64,  // standard alphabet, padding optional
};
inline constexpr std::size_t kKeyForms = 5;

// kInvalid: the secret has not this form.
[[nodiscard]] Result<std::string> key_bytes(std::string_view secret, KeyForm form);

}  // namespace tocsin::security
