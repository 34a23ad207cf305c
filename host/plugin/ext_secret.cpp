// tocsin.secret/1: arithmetic with a secret, by its token. The forms that no shipped channel asks for (hex,
// base64, Ed25519 keys) are answered as unsupported.
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

tocsin_status hmac_sha256(const tocsin_host* host, tocsin_str key, std::uint32_t key_form,
                          const tocsin_str* parts, std::size_t n_parts, std::uint8_t mac[32]) {
  if (host == nullptr || mac == nullptr || (parts == nullptr && n_parts > 0)) return TOCSIN_E_INVALID;
  if (key_form == TOCSIN_KEY_WHSK || key_form > TOCSIN_KEY_BASE64) return TOCSIN_E_INVALID;
  if (n_parts > kMostParts) return TOCSIN_E_TOO_LARGE;
  std::array<std::string_view, kMostParts> texts;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < n_parts; ++i) {
    texts[i] = view(parts[i]);
    bytes += texts[i].size();
  }
  if (bytes > kMostBytes) return TOCSIN_E_TOO_LARGE;
  if (key_form != TOCSIN_KEY_RAW && key_form != TOCSIN_KEY_WHSEC) return TOCSIN_E_UNSUPPORTED;
  Services* const services = Instance::of(host).services();
  if (services == nullptr) return TOCSIN_E_CLOSING;
  const auto form = key_form == TOCSIN_KEY_RAW ? security::KeyForm::kRaw : security::KeyForm::kWhsec;
  const auto made = services->vault.hmac_sha256(Instance::of(host).owner(), view(key), form,
                                                std::span<const std::string_view>(texts.data(), n_parts));
  if (!made) return made.error().code == Errc::kNotFound ? TOCSIN_E_UNKNOWN_SECRET : TOCSIN_E_BAD_SECRET;
  std::memcpy(mac, made->data(), made->size());
  return TOCSIN_OK;
}

tocsin_status sign_ed25519(const tocsin_host* host, tocsin_str, std::uint32_t key_form,
                           const tocsin_str* parts, std::size_t n_parts, std::uint8_t signature[64]) {
  if (host == nullptr || signature == nullptr || (parts == nullptr && n_parts > 0)) return TOCSIN_E_INVALID;
  if (key_form < TOCSIN_KEY_WHSK || key_form > TOCSIN_KEY_BASE64) return TOCSIN_E_INVALID;
  return TOCSIN_E_UNSUPPORTED;
}

constexpr tocsin_secret kTable{&hmac_sha256, &sign_ed25519};

}  // namespace

const tocsin_secret& secret_extension() {
  return kTable;
}

}  // namespace tocsin::plugin
