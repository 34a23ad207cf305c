// One owner has a handful of secrets, so an owner's list is searched from front to back. A keyed HMAC context
// is kept beside each secret: keying again would double the price of a signature.
#include "security/secret_vault.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "model/json_text.hpp"
#include "security/signature.hpp"

namespace tocsin::security {
namespace {

constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kRandomLength = kTokenLength - kTokenPrefix.size();
constexpr std::size_t kShortestRedacted = 8;
constexpr std::size_t kLongWord = 16;  // of a URL: as long as a key is, longer than words are
constexpr std::string_view kRedacted = "[redacted]";

using MacContext = std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)>;

bool is_base62(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

std::string make_secret_token() {
  std::string token(kTokenPrefix);
  while (token.size() < kTokenLength) {
    unsigned char random[2 * kRandomLength];
    TOCSIN_EXPECT(RAND_bytes(random, sizeof random) == 1);
    for (const unsigned char byte : random) {
      // 248 = 4 * 62: a byte above would favour the first characters.
      if (byte < 248 && token.size() < kTokenLength) {
        token += kBase62[byte % kBase62.size()];
      }
    }
  }
  return token;
}

MacContext make_keyed_context(std::string_view key) {
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  MacContext context(EVP_MAC_CTX_new(algorithm), EVP_MAC_CTX_free);
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                               OSSL_PARAM_construct_end()};
  const auto* bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
  TOCSIN_EXPECT(context && EVP_MAC_init(context.get(), bytes, key.size(), params) == 1);
  return context;
}

std::string encode_percent(std::string_view value) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : value) {
    if (is_base62(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::string decode_percent(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (escape) i += 2;
  }
  return out;
}

Secret write_as(std::string_view value, SwapForm form) {
  if (form == SwapForm::kPercent) {
    return Secret(encode_percent(value));
  }
  std::string text;
  if (form == SwapForm::kVerbatim) {
    return Secret(text.append(value));
  }
  append_json_string(text, value);
  text.pop_back();
  text.erase(text.begin());
  return Secret(std::move(text));
}

// What of a secret URL is as secret as the whole. Servers repeat it without the host, decoded, encoded or
// with its "&" escaped ("Cannot POST /a?v=1&amp;sig=..."), so the longer words of path and query count by
// themselves too.
std::vector<Secret> url_pieces(std::string_view value) {
  std::vector<Secret> pieces;
  const auto scheme = value.find("://");
  const auto begin = scheme == value.npos ? scheme : value.find_first_of("/?", scheme + 3);
  if (begin == value.npos) {
    return pieces;
  }
  const auto add = [&pieces](std::string_view piece, std::size_t shortest) {
    if (piece.size() < shortest) {
      return;
    }
    for (std::string form : {std::string(piece), decode_percent(piece), encode_percent(piece)}) {
      pieces.emplace_back(std::move(form));
    }
  };
  const std::string_view target = value.substr(begin);
  const std::string_view path = target.substr(0, target.find('?'));
  add(target, kShortestRedacted);
  add(path, kShortestRedacted);
  add(path.substr(path.rfind('/') + 1), kShortestRedacted);
  for (std::size_t at = 0; at < target.size();) {
    const auto end = std::min(target.find_first_of("/?&=", at), target.size());
    const bool of_parameter = at > path.size() && target[at - 1] == '=';
    add(target.substr(at, end - at), of_parameter ? kShortestRedacted : kLongWord);
    at = end + 1;
  }
  return pieces;
}

class Entry {
 public:
  Entry(std::string token, Secret value) : token_(std::move(token)) {
    for (const SwapForm form : {SwapForm::kVerbatim, SwapForm::kPercent, SwapForm::kJson}) {
      forms_[static_cast<std::size_t>(form)] = write_as(value.reveal(), form);
    }
    pieces_ = url_pieces(value.reveal());
  }

  [[nodiscard]] const std::string& token() const { return token_; }
  [[nodiscard]] std::string_view value(SwapForm form = SwapForm::kVerbatim) const {
    return forms_[static_cast<std::size_t>(form)].reveal();
  }

  [[nodiscard]] const std::vector<Secret>& pieces() const { return pieces_; }

  Result<std::array<std::uint8_t, 32>> sign(KeyForm form, std::span<const std::string_view> parts) {
    const std::lock_guard lock(mutex_);
    MacContext& context = keyed_[static_cast<std::size_t>(form)];
    if (!context) {
      auto key = key_bytes(value(), form);
      if (!key) {
        return key.error();
      }
      const Secret wiped(std::move(*key));
      context = make_keyed_context(wiped.reveal());
    } else {
      TOCSIN_EXPECT(EVP_MAC_init(context.get(), nullptr, 0, nullptr) == 1);  // starts over with the same key
    }
    for (const auto part : parts) {
      TOCSIN_EXPECT(EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()),
                                   part.size()) == 1);
    }
    std::array<std::uint8_t, 32> out{};
    std::size_t size = 0;
    TOCSIN_EXPECT(EVP_MAC_final(context.get(), out.data(), &size, out.size()) == 1);
    return out;
  }

 private:
  std::string token_;
  std::array<Secret, 3> forms_;
  std::vector<Secret> pieces_;  // of a URL
  std::mutex mutex_;            // of keyed_
  std::array<MacContext, kKeyForms> keyed_{MacContext{nullptr, EVP_MAC_CTX_free},
                                           {nullptr, EVP_MAC_CTX_free},
                                           {nullptr, EVP_MAC_CTX_free},
                                           {nullptr, EVP_MAC_CTX_free},
                                           {nullptr, EVP_MAC_CTX_free}};
};

using Entries = std::vector<std::unique_ptr<Entry>>;

Entry* find_entry(const Entries* entries, std::string_view token) {
  if (entries != nullptr) {
    for (const auto& entry : *entries) {
      if (entry->token() == token) {
        return entry.get();
      }
    }
  }
  return nullptr;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

struct SecretVault::State {
  [[nodiscard]] const Entries* find_owner(std::uint64_t owner) const {
    const auto found = owners.find(owner);
    return found == owners.end() ? nullptr : &found->second;
  }

  mutable std::shared_mutex mutex;
  std::unordered_map<std::uint64_t, Entries> owners;
  std::uint64_t last_owner = 0;
};

SecretVault::SecretVault() : state_(std::make_unique<State>()) {}
SecretVault::~SecretVault() = default;

std::uint64_t SecretVault::new_owner() {
  const std::lock_guard lock(state_->mutex);
  return ++state_->last_owner;
}

std::string SecretVault::put(std::uint64_t owner, Secret value) {
  auto entry = std::make_unique<Entry>(make_secret_token(), std::move(value));
  std::string token = entry->token();
  const std::lock_guard lock(state_->mutex);
  state_->owners[owner].push_back(std::move(entry));
  return token;
}

void SecretVault::remove_owner(std::uint64_t owner) {
  const std::lock_guard lock(state_->mutex);
  state_->owners.erase(owner);
}

Result<void> SecretVault::swap(std::uint64_t owner, std::string& text, SwapForm form) const {
  auto at = text.find(kTokenPrefix);
  if (at == text.npos) {
    return {};
  }
  const std::shared_lock lock(state_->mutex);
  const Entries* const entries = state_->find_owner(owner);
  std::string swapped;
  std::size_t copied = 0;
  for (; at != text.npos; at = text.find(kTokenPrefix, at)) {
    const auto word = std::string_view(text).substr(at, kTokenLength);
    const auto random = word.substr(kTokenPrefix.size());
    if (random.size() != kRandomLength || !std::all_of(random.begin(), random.end(), is_base62)) {
      at += kTokenPrefix.size();
      continue;
    }
    const Entry* const entry = find_entry(entries, word);
    if (entry == nullptr) {
      return make_error(Errc::kForbidden, "a secret token in the request is not one of this channel's");
    }
    swapped.append(text, copied, at - copied).append(entry->value(form));
    at += kTokenLength;
    copied = at;
  }
  if (copied != 0) {
    text = swapped.append(text, copied);
  }
  return {};
}

Result<std::array<std::uint8_t, 32>> SecretVault::hmac_sha256(std::uint64_t owner, std::string_view token,
                                                              KeyForm form,
                                                              std::span<const std::string_view> parts) const {
  const std::shared_lock lock(state_->mutex);
  Entry* const entry = find_entry(state_->find_owner(owner), token);
  if (entry == nullptr) {
    return make_error(Errc::kNotFound, "the signing key is not a secret token of this channel");
  }
  return entry->sign(form, parts);
}

Result<std::array<std::uint8_t, 64>> SecretVault::sign_ed25519(
    std::uint64_t owner, std::string_view token, KeyForm form,
    std::span<const std::string_view> parts) const {
  const std::shared_lock lock(state_->mutex);
  Entry* const entry = find_entry(state_->find_owner(owner), token);
  if (entry == nullptr) {
    return make_error(Errc::kNotFound, "the signing key is not a secret token of this channel");
  }
  auto seed = key_bytes(entry->value(), form);
  if (!seed) return seed.error();
  const Secret wiped(std::move(*seed));
  std::string text;
  for (const auto part : parts) text += part;
  return security::sign_ed25519(wiped.reveal(), text);
}

void SecretVault::redact(std::uint64_t owner, std::string& text) const {
  const std::shared_lock lock(state_->mutex);
  const Entries* const entries = state_->find_owner(owner);
  if (entries == nullptr || text.size() < kShortestRedacted) {
    return;
  }
  // The longest first: a value that holds another must not be left half readable.
  std::vector<std::string_view> values;
  for (const auto& entry : *entries) {
    for (const SwapForm form : {SwapForm::kVerbatim, SwapForm::kPercent, SwapForm::kJson}) {
      if (entry->value(form).size() >= kShortestRedacted) {
        values.push_back(entry->value(form));
      }
    }
    for (const auto& piece : entry->pieces()) {
      values.push_back(piece.reveal());
    }
  }
  std::sort(values.begin(), values.end(), [](auto a, auto b) { return a.size() > b.size(); });
  for (const auto value : values) {
    replace_all(text, value, kRedacted);
  }
}

}  // namespace tocsin::security
