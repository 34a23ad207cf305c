// HMAC and SHA-256 are OpenSSL's; base64 is ours, because OpenSSL's decoder takes blanks and bad padding.
#include "security/signature.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <memory>

#include "security/secret.hpp"

namespace tocsin::security {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kKeyPrefix = "whsec_";
constexpr std::int64_t kToleranceSeconds = 300;  // Standard Webhooks 1.0.0, inclusive

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

Error bad_base64(const char* why) {
  return make_error(Errc::kInvalid, std::string("not base64 (standard alphabet, padded): ") + why);
}

std::string signed_entry(std::string_view key, std::string_view id, std::string_view timestamp,
                         std::string_view body) {
  const std::string_view parts[] = {id, ".", timestamp, ".", body};
  const auto mac = hmac_sha256(key, parts);
  return "v1," + encode_base64({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

}  // namespace

std::array<std::uint8_t, 32> sha256(std::string_view bytes) {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<std::uint8_t, 32> out{};
  unsigned int size = 0;
  TOCSIN_EXPECT(digest != nullptr);
  TOCSIN_EXPECT(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, digest, nullptr) == 1);
  return out;
}

std::array<std::uint8_t, 32> hmac_sha256(std::string_view key, std::span<const std::string_view> parts) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  const std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context(EVP_MAC_CTX_new(algorithm),
                                                                          EVP_MAC_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
  // A null key would mean "keep the key set before".
  const auto* key_bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  TOCSIN_EXPECT(context && EVP_MAC_init(context.get(), key_bytes, key.size(), params) == 1);
  for (const auto part : parts) {
    TOCSIN_EXPECT(
        EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()), part.size()) == 1);
  }
  std::array<std::uint8_t, 32> out{};
  std::size_t size = 0;
  TOCSIN_EXPECT(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1);
  return out;
}

Result<std::array<std::uint8_t, 64>> sign_ed25519(std::string_view seed, std::string_view text) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      seed.size() == 32
          ? EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr,
                                         reinterpret_cast<const unsigned char*>(seed.data()), seed.size())
          : nullptr,
      EVP_PKEY_free);
  if (!key) return make_error(Errc::kInvalid, "the key is not a seed of 32 bytes");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::array<std::uint8_t, 64> signature{};
  std::size_t size = signature.size();
  TOCSIN_EXPECT(context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  TOCSIN_EXPECT(EVP_DigestSign(context.get(), signature.data(), &size,
                               reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1);
  return signature;
}

std::string encode_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) -> unsigned {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const unsigned group = at(0) << 16 | at(1) << 8 | at(2);
    out += kAlphabet[group >> 18 & 63];
    out += kAlphabet[group >> 12 & 63];
    out += i + 1 < bytes.size() ? kAlphabet[group >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kAlphabet[group & 63] : '=';
  }
  return out;
}

std::optional<std::string> decode_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out(text.size() / 2, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool upper = c >= 'A' && c <= 'F', lower = c >= 'a' && c <= 'f';
    if (!upper && !lower && !(c >= '0' && c <= '9')) return std::nullopt;
    const int digit = upper ? c - 'A' + 10 : lower ? c - 'a' + 10 : c - '0';
    out[i / 2] = static_cast<char>((static_cast<unsigned char>(out[i / 2]) << 4) | digit);
  }
  return out;
}

Result<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) {
    return bad_base64("the length is not a multiple of 4");
  }
  const std::size_t padding = text.ends_with("==") ? 2 : (text.ends_with('=') ? 1 : 0);
  std::string out;
  out.reserve(text.size() / 4 * 3);
  unsigned group = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool pad = i >= text.size() - padding;
    const int value = pad ? 0 : base64_value(text[i]);
    if (value < 0) {
      return bad_base64("a character is not of the alphabet");
    }
    group = group << 6 | static_cast<unsigned>(value);
    if (i % 4 == 3) {
      out += static_cast<char>(group >> 16 & 0xff);
      out += static_cast<char>(group >> 8 & 0xff);
      out += static_cast<char>(group & 0xff);
      if (i + 1 < text.size()) {
        group = 0;
      }
    }
  }
  if (padding != 0) {
    if ((group & (padding == 2 ? 0xffffU : 0xffU)) != 0) {
      return bad_base64("the last character carries stray bits");
    }
    out.resize(out.size() - padding);
  }
  return out;
}

Result<std::string> webhook_key(std::string_view secret) {
  if (!secret.starts_with(kKeyPrefix)) {
    return std::string(secret);
  }
  auto key = decode_base64(secret.substr(kKeyPrefix.size()));
  if (!key) {
    return make_error(Errc::kInvalid, "the signing secret starts with whsec_ but what follows is " +
                                          key.error().detail + "; copy the whole secret again");
  }
  if (key->empty()) {
    return make_error(Errc::kInvalid, "the signing secret is whsec_ with nothing after it");
  }
  return key;
}

std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                         std::string_view body) {
  return signed_entry(key, id, std::to_string(timestamp_s), body);
}

bool verify_webhook(std::string_view key, std::string_view id, std::string_view timestamp,
                    std::string_view signatures, std::string_view body, std::int64_t now_s) {
  std::int64_t sent = 0;
  const char* const end = timestamp.data() + timestamp.size();
  const auto read = std::from_chars(timestamp.data(), end, sent);
  if (id.empty() || timestamp.empty() || timestamp.front() == '-' || read.ec != std::errc() ||
      read.ptr != end) {
    return false;
  }
  if (sent < now_s - kToleranceSeconds || sent > now_s + kToleranceSeconds) {
    return false;
  }
  const std::string expected = signed_entry(key, id, timestamp, body);
  bool verified = false;
  while (!signatures.empty()) {
    const auto space = signatures.find(' ');
    verified = equal_in_constant_time(signatures.substr(0, space), expected) || verified;
    signatures.remove_prefix(space == signatures.npos ? signatures.size() : space + 1);
  }
  return verified;
}

}  // namespace tocsin::security
