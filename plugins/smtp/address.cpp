// See address.hpp. RFC 5321 addresses without the quoted forms, which no provider gives out and no form
// needs.
#include "address.hpp"

#include <idn2.h>

#include <algorithm>

namespace smtp {
namespace {

constexpr std::size_t kMaxLocal = 64;
constexpr std::size_t kMaxDomain = 253;
constexpr std::size_t kMaxAddress = 254;
constexpr std::string_view kAtomCharacters = "!#$%&'*+-/=?^_`{|}~.";

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

std::size_t count_labels(std::string_view name) {
  std::size_t labels = 0;
  while (true) {
    const auto dot = name.find('.');
    if (!is_label(name.substr(0, dot))) return 0;
    ++labels;
    if (dot == name.npos) return labels;
    name.remove_prefix(dot + 1);
  }
}

// idn2_to_ascii_8z reads UTF-8; the functions with "lz" would ask the locale.
std::optional<std::string> to_a_labels(std::string_view name) {
  // The mapping of IDNA would take out or change what is only a typing error.
  const bool typed = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || is_letter_or_digit(c) || c == '-' || c == '.';
  });
  if (name.empty() || name.size() > 1024 || !typed) return std::nullopt;
  char* ascii = nullptr;
  const int status =
      idn2_to_ascii_8z(std::string(name).c_str(), &ascii, IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  if (status != IDN2_OK || ascii == nullptr) return std::nullopt;
  std::string out(ascii);
  idn2_free(ascii);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

bool is_local(std::string_view local) {
  if (local.empty() || local.size() > kMaxLocal || local.front() == '.' || local.back() == '.') return false;
  return local.find("..") == local.npos && std::all_of(local.begin(), local.end(), [](char c) {
           return is_letter_or_digit(c) || kAtomCharacters.find(c) != kAtomCharacters.npos;
         });
}

bool has_forbidden(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
  });
}

}  // namespace

std::optional<std::string> read_host(std::string_view text) {
  const bool address = !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF.:") == text.npos &&
                       (text.find(':') != text.npos || text.find_first_not_of("0123456789.") == text.npos);
  if (address) return std::string(text);
  auto name = to_a_labels(text);
  if (!name || name->size() > kMaxDomain || count_labels(*name) == 0) return std::nullopt;
  return name;
}

std::optional<Address> read_address(std::string_view text, std::string& fault) {
  const auto fail = [&](const char* why) {
    fault = why;
    return std::nullopt;
  };
  if (has_forbidden(text)) return fail("has a line break or another control character; remove it");
  if (text.find_first_of("<>\"") != text.npos)
    return fail(
        "must be the bare address, such as ops@example.com, without a name, quotes or angle brackets");
  if (text.find_first_of(",; ") != text.npos)
    return fail("must be one address; give each its own entry, without blanks");
  const auto at = text.rfind('@');
  if (at == text.npos)
    return fail("is no mail address: there is no @ in it; write one such as ops@example.com");
  const std::string_view local = text.substr(0, at);
  if (std::any_of(local.begin(), local.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))
    return fail(
        "has characters beyond ASCII before the @, which many mail servers refuse; use another address of "
        "that mailbox");
  if (!is_local(local))
    return fail(
        "is no mail address: before the @ stand 1 to 64 letters, digits and .!#$%&'*+-/=?^_`{|}~, no dot at "
        "an end or twice in a row");
  const auto domain = to_a_labels(text.substr(at + 1));
  if (!domain || domain->size() > kMaxDomain || count_labels(*domain) < 2)
    return fail("is no mail address: behind the @ stands a domain such as example.com");
  if (local.size() + 1 + domain->size() > kMaxAddress)
    return fail("is longer than 254 characters; use a shorter address");
  return Address{std::string(local) + '@' + *domain, *domain};
}

}  // namespace smtp
