// Retry-After by RFC 9110 10.2.3, strictly. CURLINFO_RETRY_AFTER is no help: it takes "30s" and "1.5", and
// answers 0 for garbage as for an absent field.
#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <optional>

#include "net/exchange.hpp"
#include "net/header_rules.hpp"

namespace tocsin::net {
namespace {

constexpr std::int64_t kMostSeconds = std::numeric_limits<std::int64_t>::max() / 1000;
constexpr std::array<std::string_view, 7> kDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                       "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a text apart from the front; once something does not fit, everything after fails too.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  Reader& literal(std::string_view text) {
    if (ok_ && rest_.starts_with(text)) {
      rest_.remove_prefix(text.size());
    } else {
      ok_ = false;
    }
    return *this;
  }
  Reader& digits(std::size_t count, int& out) {
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (!ok_ || rest_.empty() || rest_.front() < '0' || rest_.front() > '9') {
        ok_ = false;
        return *this;
      }
      out = out * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return *this;
  }
  template <std::size_t N>
  Reader& word(const std::array<std::string_view, N>& words, int* number = nullptr) {
    for (std::size_t i = 0; i < N && ok_; ++i) {
      if (rest_.starts_with(words[i])) {
        rest_.remove_prefix(words[i].size());
        if (number != nullptr) {
          *number = static_cast<int>(i) + 1;
        }
        return *this;
      }
    }
    ok_ = false;
    return *this;
  }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

Reader& clock_time(Reader& in, Moment& at) {
  return in.digits(2, at.hour).literal(":").digits(2, at.minute).literal(":").digits(2, at.second);
}

std::optional<std::int64_t> unix_seconds(const Moment& at) {
  using namespace std::chrono;
  const year_month_day date{year{at.year}, month{static_cast<unsigned>(at.month)},
                            day{static_cast<unsigned>(at.day)}};
  if (!date.ok() || at.hour > 23 || at.minute > 59 || at.second > 60) {  // 60: a leap second
    return std::nullopt;
  }
  const std::int64_t days = sys_days{date}.time_since_epoch().count();
  return ((days * 24 + at.hour) * 60 + at.minute) * 60 + at.second;
}

// "Mon, 23 Nov 2026 08:01:00 GMT"
std::optional<std::int64_t> read_imf_fixdate(std::string_view text) {
  Moment at;
  Reader in(text);
  in.word(kDays).literal(", ").digits(2, at.day).literal(" ").word(kMonths, &at.month).literal(" ");
  clock_time(in.digits(4, at.year).literal(" "), at).literal(" GMT");
  return in.done() ? unix_seconds(at) : std::nullopt;
}

// "Monday, 23-Nov-26 08:01:30 GMT"; a year that seems more than 50 years ahead was in the last century.
std::optional<std::int64_t> read_rfc850(std::string_view text, std::int64_t now_s) {
  Moment at;
  Reader in(text);
  in.word(kLongDays).literal(", ").digits(2, at.day).literal("-").word(kMonths, &at.month).literal("-");
  clock_time(in.digits(2, at.year).literal(" "), at).literal(" GMT");
  if (!in.done()) {
    return std::nullopt;
  }
  using namespace std::chrono;
  const year_month_day today{floor<days>(sys_seconds{seconds{now_s}})};
  const int this_year = static_cast<int>(today.year());
  at.year += this_year - this_year % 100;
  if (at.year > this_year + 50) {
    at.year -= 100;
  }
  return unix_seconds(at);
}

// "Mon Nov 23 08:01:00 2026", a one-digit day with a blank before it
std::optional<std::int64_t> read_asctime(std::string_view text) {
  Moment at;
  Reader in(text);
  in.word(kDays).literal(" ").word(kMonths, &at.month).literal(" ");
  if (in.peek() == ' ') {
    in.literal(" ").digits(1, at.day);
  } else {
    in.digits(2, at.day);
  }
  clock_time(in.literal(" "), at).literal(" ").digits(4, at.year);
  return in.done() ? unix_seconds(at) : std::nullopt;
}

std::optional<std::int64_t> read_seconds(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  for (const char c : text) {
    seconds = seconds > (kMostSeconds - 9) / 10 ? kMostSeconds : seconds * 10 + (c - '0');
  }
  return seconds;
}

std::int64_t read_field(std::string_view value, std::int64_t now_ms) {
  const auto first = value.find_first_not_of(" \t");
  if (first == value.npos) {
    return -1;
  }
  value = value.substr(first, value.find_last_not_of(" \t") - first + 1);
  if (const auto seconds = read_seconds(value)) {
    return *seconds * 1000;
  }
  auto date = read_imf_fixdate(value);
  date = date ? date : read_rfc850(value, now_ms / 1000);
  date = date ? date : read_asctime(value);
  return date ? std::max<std::int64_t>(0, *date * 1000 - now_ms) : -1;
}

}  // namespace

std::int64_t parse_retry_after_ms(const std::vector<Header>& headers, std::int64_t now_unix_ms) {
  std::int64_t longest = -1;
  for (const Header& header : headers) {
    if (equal_ignoring_case(header.name, "retry-after")) {
      longest = std::max(longest, read_field(header.value, now_unix_ms));
    }
  }
  return longest;
}

}  // namespace tocsin::net
