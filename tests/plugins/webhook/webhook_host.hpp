// The webhook channel's type and a fake host that signs for real. Why: signatures must verify with what
// receivers run, so the test's HMAC is OpenSSL's and not a fake. What it does not do: network.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>
#include <tocsin/testing/fake_host.hpp>

namespace webhook_tests {

inline const tocsin_channel_type& webhook_type() {
  return *tocsin_plugin_v1()->types[0];
}

// Decodes whsec_ + base64; any other text is its own bytes. Nullopt where the base64 is none.
inline std::optional<std::string> key_of(std::string_view secret) {
  if (!secret.starts_with("whsec_")) return std::string(secret);
  secret.remove_prefix(6);
  std::string out(secret.size(), '\0');
  const int n =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(secret.data()), static_cast<int>(secret.size()));
  if (n <= 0) return std::nullopt;
  const std::size_t padding = secret.ends_with("==") ? 2 : secret.ends_with("=") ? 1 : 0;
  out.resize(static_cast<std::size_t>(n) - padding);
  return out;
}

inline tocsin_status real_hmac(std::string_view secret, std::uint32_t form, std::string_view text,
                               std::uint8_t* mac) {
  if (form != TOCSIN_KEY_WHSEC) return TOCSIN_E_INVALID;
  const auto key = key_of(secret);
  if (!key) return TOCSIN_E_BAD_SECRET;
  HMAC(EVP_sha256(), key->data(), static_cast<int>(key->size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac, nullptr);
  return TOCSIN_OK;
}

class WebhookHost : public tocsin::testing::fake_host {
 public:
  WebhookHost() : fake_host(webhook_type()) {
    on_hmac = real_hmac;
    secrets["tsec_key"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  }
};

inline tocsin::testing::document settings() {
  return {{"/url", "https://hooks.example.com/in"}};
}
inline tocsin::testing::document signed_settings() {
  return settings().set("/secret", "tsec_key");
}

}  // namespace webhook_tests
