// See key_ring.hpp.
#include "security/key_ring.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <memory>

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMostIdBytes = 32;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* bytes_of(std::string& text) {
  return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

bool is_key_id(std::string_view id) {
  return !id.empty() && id.size() <= kMostIdBytes &&
         id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string_view::npos;
}

// Each part with its length before it, so that no two places make the same bytes.
std::string write_place(const SecretPlace& place, std::string_view key) {
  std::string out = "tocsin.secret/1";
  for (const std::string_view part : {place.team, place.channel, place.field, key}) {
    out += ':' + std::to_string(part.size()) + ':';
    out += part;
  }
  return out;
}

// Sets key, nonce and what is authenticated beside the text; false: the library failed.
bool begin(const Cipher& cipher, bool sealing, const MasterKey& key, std::string_view nonce,
           std::string_view place) {
  int length = 0;
  return cipher &&
         EVP_CipherInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.bytes.reveal()),
                           bytes_of(nonce), sealing ? 1 : 0) == 1 &&
         EVP_CipherUpdate(cipher.get(), nullptr, &length, bytes_of(place), static_cast<int>(place.size())) ==
             1;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string describe_fault(const MasterKey& key) {
  return "the master key \"" + key.id + "\" cannot be used: " + key.unusable;
}

}  // namespace

Result<Secret> read_master_key(const Secret& text) {
  const std::string_view written = trimmed(text.reveal());
  if (written.size() == 2 * kKeyBytes) {
    if (auto decoded = decode_hex(written)) return Secret(std::move(*decoded));
  } else if (auto decoded = decode_base64(written); decoded && decoded->size() == kKeyBytes) {
    return Secret(std::move(*decoded));
  }
  return make_error(Errc::kInvalid,
                    "a master key is 32 random bytes, written as 44 characters of base64 or 64 of "
                    "hexadecimal; `openssl rand -base64 32` makes one");
}

std::string make_master_key() {
  std::string bytes(kKeyBytes, '\0');
  TOCSIN_EXPECT(RAND_bytes(bytes_of(bytes), kKeyBytes) == 1);
  return encode_base64(Secret(std::move(bytes)).reveal());
}

Result<KeyRing> KeyRing::create(std::vector<MasterKey> keys, std::string active) {
  KeyRing ring;
  for (MasterKey& key : keys) {
    if (!is_key_id(key.id)) {
      return make_error(Errc::kInvalid, "the id of a master key is 1 to 32 characters of a-z, 0-9, - and _");
    }
    if (ring.knows(key.id)) {
      return make_error(Errc::kInvalid, "two master keys have the id \"" + key.id + '"');
    }
    if (key.unusable.empty() && key.bytes.reveal().size() != kKeyBytes) {
      return make_error(Errc::kInvalid, "the master key \"" + key.id + "\" is not 32 bytes long");
    }
    ring.keys_.push_back(std::move(key));
  }
  if (!ring.empty() && !ring.knows(active)) {
    return make_error(Errc::kInvalid, "the active master key \"" + active + "\" is not among the keys");
  }
  ring.active_ = std::move(active);
  return ring;
}

std::vector<std::string> KeyRing::faults() const {
  std::vector<std::string> faults;
  for (const MasterKey& key : keys_) {
    if (!key.unusable.empty()) faults.push_back(describe_fault(key));
  }
  return faults;
}

std::vector<KeyRing::State> KeyRing::states() const {
  std::vector<State> states;
  for (const MasterKey& key : keys_) states.push_back({key.id, key.unusable});
  return states;
}

Result<void> KeyRing::can_seal() const {
  const MasterKey* key = find(active_);
  if (key == nullptr) {
    return make_error(Errc::kUnavailable,
                      "secrets cannot be stored: the operator has configured no master key");
  }
  if (!key->unusable.empty()) return make_error(Errc::kUnavailable, describe_fault(*key));
  return {};
}

const MasterKey* KeyRing::find(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &MasterKey::id);
  return found == keys_.end() ? nullptr : &*found;
}

Result<SealedSecret> KeyRing::seal(const Secret& secret, const SecretPlace& place) const {
  if (auto able = can_seal(); !able) return able.error();
  const MasterKey* key = find(active_);
  const std::string_view text = secret.reveal();
  SealedSecret sealed{key->id, std::string(kNonceBytes + text.size() + kTagBytes, '\0')};
  unsigned char* const out = bytes_of(sealed.bytes);
  TOCSIN_EXPECT(RAND_bytes(out, kNonceBytes) == 1);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0, rest = 0;
  const bool done = begin(cipher, true, *key, std::string_view(sealed.bytes).substr(0, kNonceBytes),
                          write_place(place, key->id)) &&
                    EVP_CipherUpdate(cipher.get(), out + kNonceBytes, &length, bytes_of(text),
                                     static_cast<int>(text.size())) == 1 &&
                    EVP_CipherFinal_ex(cipher.get(), out + kNonceBytes + length, &rest) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                                        out + kNonceBytes + text.size()) == 1;
  if (!done) return make_error(Errc::kInternal, "OpenSSL could not seal a secret");
  return sealed;
}

Result<Secret> KeyRing::open(const SealedSecret& sealed, const SecretPlace& place) const {
  const MasterKey* key = find(sealed.key);
  if (key == nullptr) {
    return make_error(Errc::kUnavailable, "its secret is sealed with the master key \"" + sealed.key +
                                              "\", which is not configured here: add the key again");
  }
  if (!key->unusable.empty()) return make_error(Errc::kUnavailable, describe_fault(*key));
  const auto damaged = [&] {
    return make_error(
        Errc::kInvalid,
        "its stored secret does not open with the master key \"" + sealed.key +
            "\": the key is another one, or the stored value was changed or moved; set it anew");
  };
  if (sealed.bytes.size() < kNonceBytes + kTagBytes) return damaged();
  const std::string_view all = sealed.bytes;
  const std::string_view body = all.substr(kNonceBytes, all.size() - kNonceBytes - kTagBytes);
  std::array<unsigned char, kTagBytes> tag{};
  std::copy_n(bytes_of(all.substr(all.size() - kTagBytes)), kTagBytes, tag.begin());
  std::string text(body.size(), '\0');
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  int length = 0, rest = 0;
  const bool opened = begin(cipher, false, *key, all.substr(0, kNonceBytes), write_place(place, key->id)) &&
                      EVP_CipherUpdate(cipher.get(), bytes_of(text), &length, bytes_of(body),
                                       static_cast<int>(body.size())) == 1 &&
                      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
                      EVP_CipherFinal_ex(cipher.get(), bytes_of(text) + length, &rest) == 1;
  Secret secret(std::move(text));  // wiped where it did not open, too
  if (!opened) return damaged();
  return secret;
}

}  // namespace tocsin::security
