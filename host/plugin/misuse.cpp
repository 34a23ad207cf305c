// See misuse.hpp.
#include "plugin/misuse.hpp"

#include <algorithm>

#include "plugin/plain_text.hpp"
#include "security/secret_vault.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kTokenTail = security::kTokenLength - security::kTokenPrefix.size();
constexpr std::size_t kMostRead = 4096;  // of a text that is shown up to 1 KiB

bool passes_by_itself(int http_status) {
  return http_status == 429 || (http_status >= 502 && http_status <= 504);
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// A cut in the middle of a character is ours.
bool is_text(tocsin_str given) {
  return view(given).size() > kMostRead || is_utf8(view(given));
}

}  // namespace

bool holds_token(std::string_view text) {
  using security::kTokenPrefix;
  for (auto at = text.find(kTokenPrefix); at != text.npos; at = text.find(kTokenPrefix, at + 1)) {
    const auto tail = text.substr(at + kTokenPrefix.size(), kTokenTail);
    if (tail.size() == kTokenTail && std::all_of(tail.begin(), tail.end(), is_alphanumeric)) return true;
  }
  return false;
}

std::string find_misuse(const tocsin_outcome& outcome, int http_status) {
  const bool is_success = outcome.status == TOCSIN_DELIVERED || outcome.status == TOCSIN_ACCEPTED;
  if (is_success && http_status >= 500) {
    return "takes a failure for success: the receiver answered " + std::to_string(http_status);
  }
  if (outcome.status == TOCSIN_REJECTED && passes_by_itself(http_status)) {
    return "gives up on what passes by itself: the receiver answered " + std::to_string(http_status);
  }
  if (holds_token(view(outcome.detail).substr(0, kMostRead)) ||
      holds_token(view(outcome.provider_id).substr(0, kMostRead))) {
    return "told the token of a secret in an outcome; no setting belongs there";
  }
  if (!is_text(outcome.detail) || !is_text(outcome.provider_id)) {
    return "ended a delivery with a text that is not UTF-8; it is shown repaired";
  }
  return {};
}

}  // namespace tocsin::plugin
