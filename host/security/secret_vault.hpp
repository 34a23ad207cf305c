// Secrets stand here and nowhere else; plugins hold opaque tokens ("tsec_" + 32 characters) in their place.
// The host swaps tokens for values in what it sends, and signs by token. Thread-safe; values are wiped when
// removed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/error.hpp"
#include "security/key_form.hpp"
#include "security/secret.hpp"

namespace tocsin::security {

inline constexpr std::string_view kTokenPrefix = "tsec_";
inline constexpr std::size_t kTokenLength = 37;

// How a value is written where its token stood.
enum class SwapForm : std::uint8_t {
  kVerbatim,
  kPercent,  // percent-encoded but for RFC 3986's unreserved characters: inside a URL or a form
  kJson,     // escaped as within a JSON string, without the quotes
};

class SecretVault {
 public:
  SecretVault();
  ~SecretVault();

  // [any] `owner` groups the secrets of one channel instance: only that instance may use them.
  [[nodiscard]] std::string put(std::uint64_t owner, Secret value);
  [[nodiscard]] std::uint64_t new_owner();
  void remove_owner(std::uint64_t owner);

  // [any] Replaces every token of `owner` in `text`. kForbidden: a token-shaped word that is not this
  // owner's; `text` is then as it was. Texts without the prefix cost one search.
  [[nodiscard]] Result<void> swap(std::uint64_t owner, std::string& text,
                                  SwapForm form = SwapForm::kVerbatim) const;
  // [any] HMAC-SHA256 over the parts in order. kNotFound: not a token of this owner; kInvalid: the secret has
  // not this form.
  [[nodiscard]] Result<std::array<std::uint8_t, 32>> hmac_sha256(
      std::uint64_t owner, std::string_view token, KeyForm form,
      std::span<const std::string_view> parts) const;
  // [any] Ed25519 (RFC 8032, pure) over the parts in order, likewise; the key is a seed of 32 bytes.
  [[nodiscard]] Result<std::array<std::uint8_t, 64>> sign_ed25519(
      std::uint64_t owner, std::string_view token, KeyForm form,
      std::span<const std::string_view> parts) const;
  // [any] Replaces every value of `owner` (8 characters or longer) that stands in `text` by "[redacted]", in
  // every form that swap() writes. Of a URL also what a receiver sees of it: target, path, query, their
  // longer pieces.
  void redact(std::uint64_t owner, std::string& text) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tocsin::security
