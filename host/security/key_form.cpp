// See key_form.hpp.
#include "security/key_form.hpp"

#include "security/signature.hpp"

namespace tocsin::security {
namespace {

constexpr std::string_view kSigningPrefix = "whsk_";
constexpr std::size_t kSeed = 32;

Result<std::string> decode_hex(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    if (digit(text[i]) < 0 || digit(text[i + 1]) < 0) break;
    out.push_back(static_cast<char>(digit(text[i]) * 16 + digit(text[i + 1])));
  }
  if (text.empty() || out.size() * 2 != text.size()) {
    return make_error(Errc::kInvalid, "the key is not an even number of hexadecimal digits");
  }
  return out;
}

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
      return decode_hex(secret);
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
