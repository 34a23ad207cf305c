// tocsin/testing/fuzz.hpp - a libFuzzer entry for a channel: any event, any answer, and what must hold all
// the same.
//
//   // ntfy_fuzz.cpp
//   #include <tocsin/testing/fuzz.hpp>
//   TOCSIN_FUZZ_CHANNEL({{"/server", "https://ntfy.sh"}, {"/topic", "alerts"}})
//
// and tocsin_add_channel_fuzz(ntfy SOURCES ntfy_fuzz.cpp) in CMake. Why: an event's texts come from scanners
// and attackers, and an answer's body from anybody. What it does not do: know what is right for the platform;
// that is what a channel's tests are for. Made for the sans-I/O style; an active channel works as well where
// it ends by itself.
//
// It aborts, and so ends the run with the input on record, where an attempt does not end exactly once, its
// outcome is none, a body sent as JSON is none, the same message becomes other bytes, or a secret's token is
// told in the outcome. Memory errors are the sanitizers'.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <tocsin/testing/fake_host.hpp>
#include <tocsin/testing/json_check.hpp>

namespace tocsin::testing {

// What libFuzzer hands in, taken piece by piece; at its end come zeroes and empty texts.
class fuzz_input {
 public:
  fuzz_input(const std::uint8_t* bytes, std::size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}
  std::uint32_t number(std::uint32_t below) {
    if (rest_.empty()) return 0;
    std::uint32_t value = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    if (below > 256 && !rest_.empty()) {
      value = value << 8 | static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
    }
    return value % below;
  }
  std::string bytes() {
    const std::size_t wanted = number(65'536);
    const std::size_t length = std::min(wanted, rest_.size());
    std::string out(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return out;
  }
  // UTF-8, as the host sees to it: other bytes become "?".
  std::string text() {
    std::string out = bytes();
    for (std::size_t at = 0; at < out.size();) {
      const std::size_t length = character(std::string_view(out).substr(at));
      if (length == 0) out[at] = '?';
      at += length == 0 ? 1 : length;
    }
    return out;
  }

 private:
  static std::size_t character(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = at(0);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (length == 0 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
      if ((at(i) & 0xC0U) != 0x80) return 0;
    }
    const bool bad = length > 2 && ((lead == 0xE0 && at(1) < 0xA0) || (lead == 0xED && at(1) > 0x9F) ||
                                    (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) > 0x8F));
    return bad ? 0 : length;
  }
  std::string_view rest_;
};

// Ends the run; what broke the rule is shown.
[[noreturn]] inline void fuzz_found(const char* what, const std::string& shown) {
  std::fprintf(stderr, "tocsin: the channel %s: %.2000s\n", what, shown.c_str());
  std::abort();
}

// A message with any texts, for an entry of your own.
inline sample_message fuzz_message(fuzz_input& in) {
  sample_message m;
  m.severity = in.number(5);
  m.category = 1 + in.number(3);
  m.flags = in.number(2) == 0 ? 0 : TOCSIN_TEST;
  m.title = in.text();
  m.summary = in.text();
  m.link = in.number(2) == 0 ? "" : "https://example.com/" + in.text();
  m.labels = {{"label", in.text()}};
  m.time_unix_ms = static_cast<std::int64_t>(in.number(65'536)) * 4'000'000'000;
  return m;
}

namespace detail {

inline http_reply fuzz_reply(fuzz_input& in) {
  http_reply reply;
  reply.status = static_cast<int>(in.number(401));  // 0, 200 .. 599
  if (reply.status != 0) reply.status += 199;
  reply.io_error = reply.status == 0 ? 1 + in.number(11) : 0;
  reply.request_sent = in.number(2) == 0;
  reply.retry_after_ms = static_cast<std::int64_t>(in.number(65'536)) - 1;
  reply.headers = {{"content-type", "application/json"}};
  reply.body = in.bytes();  // a receiver may send anything
  return reply;
}

inline std::string fuzz_sent(const fake_host& host) {
  std::string out;
  for (const sent_request& request : host.requests) {
    out += request.method + ' ' + request.url + '\n' + request.body + '\n';
    if (request.header("Content-Type").starts_with("application/json") && !is_json(request.body))
      fuzz_found("sends JSON that does not parse", request.body);
  }
  return out;
}

}  // namespace detail

// One message and one answer through the channel, twice. Aborts where a rule is broken.
inline void fuzz_channel(const tocsin_channel_type& type, const document& settings, fuzz_input in) {
  sample_message message = fuzz_message(in);
  const http_reply reply = detail::fuzz_reply(in);
  std::string first;
  for (int round = 0; round < 2; ++round) {
    fake_host host(type);
    if (!host.create(settings)) fuzz_found("refuses the settings it is fuzzed with", host.error.text);
    host.replies.assign(8, reply);
    message.attempt = static_cast<std::uint32_t>(round) + 1;
    const auto done = host.deliver(message);
    if (done.size() != 1) fuzz_found("did not end once, but so often", std::to_string(done.size()));
    if (done[0].status < TOCSIN_DELIVERED || done[0].status > TOCSIN_UNCERTAIN)
      fuzz_found("ended with an outcome that is none", std::to_string(done[0].status));
    if (done[0].code == "plugin.exception") fuzz_found("let an exception escape", done[0].detail);
    if (done[0].detail.find(TOCSIN_SECRET_PREFIX) != std::string::npos)
      fuzz_found("tells a secret's token", done[0].detail);
    const std::string sent = detail::fuzz_sent(host);
    if (round == 1 && sent != first) fuzz_found("sends other bytes on a second attempt", sent);
    first = sent;
  }
}

}  // namespace tocsin::testing

// The entry, once in a program, for the plugin's first type: its settings as pairs of pointer and value.
#define TOCSIN_FUZZ_CHANNEL(...)                                                            \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {       \
    static const ::tocsin::testing::document settings __VA_ARGS__;                          \
    ::tocsin::testing::fuzz_channel(*tocsin_plugin_v1()->types[0], settings, {data, size}); \
    return 0;                                                                               \
  }
