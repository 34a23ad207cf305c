// Standard Webhooks signatures as a receiver sees them: signing and verifying over plain values. Used by the
// sink, the tests and the vault; what a plugin signs goes through SecretVault, which holds the key.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/error.hpp"

namespace tocsin::security {

[[nodiscard]] std::array<std::uint8_t, 32> sha256(std::string_view bytes);
[[nodiscard]] std::array<std::uint8_t, 32> hmac_sha256(std::string_view key,
                                                       std::span<const std::string_view> parts);
// Ed25519 (RFC 8032, pure). kInvalid: the seed is not 32 bytes.
[[nodiscard]] Result<std::array<std::uint8_t, 64>> sign_ed25519(std::string_view seed, std::string_view text);
[[nodiscard]] std::string encode_base64(std::string_view bytes);         // standard alphabet, padded
[[nodiscard]] Result<std::string> decode_base64(std::string_view text);  // strict; padding required
// The bytes of pairs of hexadecimal digits, of either case; nullopt where it is anything else.
[[nodiscard]] std::optional<std::string> decode_hex(std::string_view text);
// The key a written secret stands for: "whsec_" + base64 decoded, anything else its own bytes.
[[nodiscard]] Result<std::string> webhook_key(std::string_view secret);

// "v1,<base64>" over id.timestamp.body.
[[nodiscard]] std::string sign_webhook(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                                       std::string_view body);
// True where any entry of the space-separated header verifies and the timestamp is within 300 s of `now_s`.
[[nodiscard]] bool verify_webhook(std::string_view key, std::string_view id, std::string_view timestamp,
                                  std::string_view signatures, std::string_view body, std::int64_t now_s);

}  // namespace tocsin::security
