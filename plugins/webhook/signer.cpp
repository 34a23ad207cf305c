// See signer.hpp. Standard Webhooks 1.0.0: several signatures stand in one header, and a receiver takes any
// that fits.
#include "signer.hpp"

#include <array>
#include <charconv>

namespace webhook {
namespace {

constexpr std::size_t kMaxPrevious = 3;

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& out) {
  if (at + count > text.size()) return false;
  const auto [end, error] = std::from_chars(text.data() + at, text.data() + at + count, out);
  return error == std::errc{} && end == text.data() + at + count && text[at] != '-';
}

// Days since 1970-01-01. Civil date to days: Howard Hinnant's algorithm.
std::int64_t days_of(int year, int month, int day) {
  const std::int64_t y = year - (month <= 2 ? 1 : 0);
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const std::int64_t yoe = y - era * 400;
  const std::int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146'097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719'468;
}

bool is_day(int year, int month, int day) {
  static constexpr std::array kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= kDays[static_cast<std::size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

}  // namespace

std::optional<std::int64_t> read_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool shaped = text.size() >= 20 && text[4] == '-' && text[7] == '-' &&
                      (text[10] == 'T' || text[10] == 't') && text[13] == ':' && text[16] == ':';
  if (!shaped || !read_digits(text, 0, 4, year) || !read_digits(text, 5, 2, month) ||
      !read_digits(text, 8, 2, day) || !read_digits(text, 11, 2, hour) || !read_digits(text, 14, 2, minute) ||
      !read_digits(text, 17, 2, second) || !is_day(year, month, day) || hour > 23 || minute > 59 ||
      second > 59)
    return std::nullopt;
  std::size_t at = 19;
  if (text[at] == '.') {
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9';) ++at;
  }
  std::int64_t offset = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    int hours = 0, minutes = 0;
    if (text.size() != at + 6 || text[at + 3] != ':' || !read_digits(text, at + 1, 2, hours) ||
        !read_digits(text, at + 4, 2, minutes) || hours > 23 || minutes > 59)
      return std::nullopt;
    offset = (text[at] == '-' ? -1 : 1) * (hours * 60 + minutes);
  } else if (text.substr(at) != "Z" && text.substr(at) != "z") {
    return std::nullopt;
  }
  return ((days_of(year, month, day) * 24 + hour) * 60 + minute - offset) * 60'000 + second * 1000;
}

Signer::Signer(const tocsin::settings& settings, const tocsin::host& host)
    : host_(host), signing_key_(settings.text("/signing_key")), github_(settings.flag("/github_signature")) {
  if (const auto secret = settings.text("/secret"); !secret.empty()) keys_.push_back({std::string(secret)});
  if (github_ && keys_.empty())
    throw tocsin::settings_error("/github_signature", "needs the signing secret; add it, or turn this off");
  read_previous(settings);
  try_keys();
}

void Signer::read_previous(const tocsin::settings& settings) {
  for (std::size_t i = 0; i < kMaxPrevious; ++i) {
    const std::string pointer = "/previous_secrets/" + std::to_string(i);
    const auto secret = settings.text(pointer + "/secret");
    const auto until = settings.text(pointer + "/until");
    if (secret.empty() && until.empty()) return;
    if (keys_.empty())
      throw tocsin::settings_error("/previous_secrets",
                                   "stand beside a present secret; add \"secret\", or remove these");
    const auto time = read_time(until);
    if (!time)
      throw tocsin::settings_error(pointer + "/until",
                                   "is no time with an offset; write one such as 2026-12-31T00:00:00Z");
    keys_.push_back({std::string(secret), *time});
  }
}

// So that a broken secret is refused when it is saved and not at the first event.
void Signer::try_keys() const {
  std::string ignored;
  const tocsin_str trial[] = {TOCSIN_LIT("trial")};
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (append_v1(keys_[i], trial, ignored) == TOCSIN_OK) continue;
    throw tocsin::settings_error(
        i == 0 ? "/secret" : "/previous_secrets/" + std::to_string(i - 1) + "/secret",
        "starts with whsec_ but what follows is no base64; paste it whole, or use one without that prefix");
  }
  std::array<std::uint8_t, 64> signature{};
  if (!signing_key_.empty() &&
      host_.secret()->sign_ed25519(host_.raw(), tocsin::c_str(signing_key_), TOCSIN_KEY_WHSK, trial, 1,
                                   signature.data()) != TOCSIN_OK)
    throw tocsin::settings_error("/signing_key",
                                 "is no Ed25519 key: whsk_ and the base64 of 32 or 64 bytes; paste it whole");
}

tocsin_status Signer::append_v1(const Key& key, std::span<const tocsin_str> parts, std::string& out) const {
  std::array<std::uint8_t, 32> mac{};
  const tocsin_status status = host_.hmac_sha256(key.token, TOCSIN_KEY_WHSEC, parts, mac);
  if (status != TOCSIN_OK) return status;
  out += out.empty() ? "v1," : " v1,";
  tocsin::append_base64(out, mac);
  return TOCSIN_OK;
}

tocsin_status Signer::sign(tocsin_str id, std::string_view timestamp, std::string_view body,
                           std::int64_t now_ms, std::string& out) const {
  const tocsin_str parts[] = {id, TOCSIN_LIT("."), tocsin::c_str(timestamp), TOCSIN_LIT("."),
                              tocsin::c_str(body)};
  out.clear();
  for (const Key& key : keys_) {
    if (now_ms >= key.until_ms) continue;
    if (const tocsin_status status = append_v1(key, parts, out); status != TOCSIN_OK) return status;
  }
  if (signing_key_.empty()) return TOCSIN_OK;
  std::array<std::uint8_t, 64> signature{};
  const tocsin_status status = host_.secret()->sign_ed25519(
      host_.raw(), tocsin::c_str(signing_key_), TOCSIN_KEY_WHSK, parts, std::size(parts), signature.data());
  if (status != TOCSIN_OK) return status;
  out += out.empty() ? "v1a," : " v1a,";
  tocsin::append_base64(out, signature);
  return TOCSIN_OK;
}

tocsin_status Signer::sign_for_github(std::string_view body, std::string& out) const {
  static constexpr char kHex[] = "0123456789abcdef";
  const tocsin_str parts[] = {tocsin::c_str(body)};
  std::array<std::uint8_t, 32> mac{};
  const tocsin_status status = host_.hmac_sha256(keys_.front().token, TOCSIN_KEY_RAW, parts, mac);
  if (status != TOCSIN_OK) return status;
  out = "sha256=";
  for (const std::uint8_t byte : mac) out += {kHex[byte >> 4], kHex[byte & 15]};
  return TOCSIN_OK;
}

}  // namespace webhook
