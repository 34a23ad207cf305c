// See key_form.hpp.
#include "security/key_form.hpp"

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

constexpr std::string_view kSigningPrefix = "whsk_";
constexpr std::size_t kSeed = 32;

Result<std::string> decode_signing_key(std::string_view secret) {
  if (!secret.starts_with(kSigningPrefix)) {
    return make_error(Errc::kInvalid, "the signing key does not start with whsk_");
  }
  auto key = decode_base64(secret.substr(kSigningPrefix.size()));
  if (!key) return key.error();
  if (key->size() != kSeed && key->size() != 2 * kSeed) {
    return make_error(Errc::kInvalid, "the signing key is not 32 or 64 bytes of base64 after whsk_");
  }
  key->resize(kSeed);
  return key;
}

}  // namespace

Result<std::string> key_bytes(std::string_view secret, KeyForm form) {
  switch (form) {
    case KeyForm::kWhsec:
      return webhook_key(secret);
    case KeyForm::kWhsk:
      return decode_signing_key(secret);
    case KeyForm::kHex:
      if (auto key = decode_hex(secret); key && !key->empty()) return std::move(*key);
      return make_error(Errc::kInvalid, "the key is not an even number of hexadecimal digits");
    case KeyForm::kBase64: {
      std::string padded(secret);
      while (padded.size() % 4 != 0) padded += '=';
      auto key = decode_base64(padded);
      if (key && key->empty()) return make_error(Errc::kInvalid, "the key is empty");
      return key;
    }
    default:
      return std::string(secret);
  }
}

}  // namespace tocsin::security
