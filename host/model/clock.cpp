// See clock.hpp. Civil-date arithmetic after the proleptic Gregorian calendar; no locale, no time zone data.
#include "model/clock.hpp"

#include <chrono>
#include <string_view>

namespace tocsin {
namespace {

constexpr std::int64_t kLastMs = 253'402'300'799'999;  // 9999-12-31T23:59:59.999Z

// Reads exactly `count` digits at `at`; -1 where one is no digit.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// "Z", "z" or "+hh:mm" / "-hh:mm"; false where it is neither.
bool parse_offset(std::string_view text, int& minutes) {
  if (text == "Z" || text == "z") {
    minutes = 0;
    return true;
  }
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  const int hours = digits(text, 1, 2);
  const int mins = digits(text, 4, 2);
  if (hours < 0 || hours > 23 || mins < 0 || mins > 59) return false;
  minutes = (text[0] == '-' ? -1 : 1) * (hours * 60 + mins);
  return true;
}

void put_digits(std::string& text, std::size_t at, std::size_t count, unsigned value) {
  for (std::size_t i = count; i-- > 0; value /= 10) text[at + i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::int64_t SystemClock::unix_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t SystemClock::steady_us() const {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

std::string format_rfc3339(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> at{milliseconds{unix_ms}};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss<milliseconds> time{at - day};
  std::string text = "0000-00-00T00:00:00.000Z";
  put_digits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  put_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  put_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  put_digits(text, 11, 2, static_cast<unsigned>(time.hours().count()));
  put_digits(text, 14, 2, static_cast<unsigned>(time.minutes().count()));
  put_digits(text, 17, 2, static_cast<unsigned>(time.seconds().count()));
  put_digits(text, 20, 3, static_cast<unsigned>(time.subseconds().count()));
  return text;
}

bool parse_rfc3339(std::string_view text, std::int64_t& unix_ms) {
  using namespace std::chrono;
  if (text.size() < 20 || text.size() > 35) return false;
  const int y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2);
  const int h = digits(text, 11, 2), mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
      text[16] != ':') {
    return false;
  }
  if (y < 1970 || mo < 1 || d < 1 || h < 0 || h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60) return false;
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  if (!date.ok()) return false;
  std::size_t at = 19;
  std::int64_t ms = 0;
  if (text[at] == '.') {
    std::size_t count = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      if (count < 3) ms = ms * 10 + (text[at] - '0');
    }
    if (count == 0 || count > 9) return false;
    for (; count < 3; ++count) ms *= 10;
  }
  int offset = 0;
  if (!parse_offset(text.substr(at), offset)) return false;
  const std::int64_t seconds_of_day = h * 3600LL + mi * 60LL + s - offset * 60LL;
  const std::int64_t result =
      (sys_days{date}.time_since_epoch().count() * 86'400LL + seconds_of_day) * 1000 + ms;
  if (result < 0 || result > kLastMs)
    return false;  // an offset can lead out of the years that can be written
  unix_ms = result;
  return true;
}

}  // namespace tocsin
