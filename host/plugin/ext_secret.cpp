// tocsin.secret/1: arithmetic with a secret, by its token.
#include <tocsin/ext/secret.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kMostParts = 64;
constexpr std::size_t kMostBytes = 16 * 1024 * 1024;

static_assert(static_cast<int>(security::KeyForm::kRaw) == TOCSIN_KEY_RAW &&
              static_cast<int>(security::KeyForm::kWhsec) == TOCSIN_KEY_WHSEC &&
              static_cast<int>(security::KeyForm::kWhsk) == TOCSIN_KEY_WHSK &&
              static_cast<int>(security::KeyForm::kHex) == TOCSIN_KEY_HEX &&
              static_cast<int>(security::KeyForm::kBase64) == TOCSIN_KEY_BASE64);

using Texts = std::array<std::string_view, kMostParts>;

tocsin_status read_parts(const tocsin_str* parts, std::size_t n_parts, Texts& texts) {
  if (parts == nullptr && n_parts > 0) return TOCSIN_E_INVALID;
  if (n_parts > kMostParts) return TOCSIN_E_TOO_LARGE;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < n_parts; ++i) {
    texts[i] = view(parts[i]);
    bytes += texts[i].size();
  }
  return bytes > kMostBytes ? TOCSIN_E_TOO_LARGE : TOCSIN_OK;
}

// `sign(vault, owner, key form, texts)` to `out`, or why not.
template <std::size_t Size, class Sign>
tocsin_status sign_into(const tocsin_host* host, std::uint32_t key_form, const tocsin_str* parts,
                        std::size_t n_parts, std::uint8_t* out, Sign&& sign) {
  if (host == nullptr || out == nullptr) return TOCSIN_E_INVALID;
  Texts texts;
  if (const tocsin_status refused = read_parts(parts, n_parts, texts); refused != TOCSIN_OK) return refused;
  const auto instance = Instance::of(host);
  Services* const services = instance == nullptr ? nullptr : instance->services();
  if (services == nullptr) return TOCSIN_E_CLOSING;
  const Result<std::array<std::uint8_t, Size>> made =
      sign(services->vault, instance->owner(), static_cast<security::KeyForm>(key_form),
           std::span<const std::string_view>(texts.data(), n_parts));
  if (!made) return made.error().code == Errc::kNotFound ? TOCSIN_E_UNKNOWN_SECRET : TOCSIN_E_BAD_SECRET;
  std::memcpy(out, made->data(), Size);
  return TOCSIN_OK;
}

tocsin_status hmac_sha256(const tocsin_host* host, tocsin_str key, std::uint32_t key_form,
                          const tocsin_str* parts, std::size_t n_parts, std::uint8_t mac[32]) {
  if (key_form == TOCSIN_KEY_WHSK || key_form > TOCSIN_KEY_BASE64) return TOCSIN_E_INVALID;
  return sign_into<32>(host, key_form, parts, n_parts, mac,
                       [key](const security::SecretVault& vault, std::uint64_t owner, security::KeyForm form,
                             auto texts) { return vault.hmac_sha256(owner, view(key), form, texts); });
}

tocsin_status sign_ed25519(const tocsin_host* host, tocsin_str key, std::uint32_t key_form,
                           const tocsin_str* parts, std::size_t n_parts, std::uint8_t signature[64]) {
  if (key_form < TOCSIN_KEY_WHSK || key_form > TOCSIN_KEY_BASE64) return TOCSIN_E_INVALID;
  return sign_into<64>(host, key_form, parts, n_parts, signature,
                       [key](const security::SecretVault& vault, std::uint64_t owner, security::KeyForm form,
                             auto texts) { return vault.sign_ed25519(owner, view(key), form, texts); });
}

constexpr tocsin_secret kTable{&hmac_sha256, &sign_ed25519};

}  // namespace

const tocsin_secret& secret_extension() {
  return kTable;
}

}  // namespace tocsin::plugin
