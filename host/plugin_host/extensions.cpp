// The extension tables as the plugin gets them here: each function finds its instance and asks it. See
// guest.hpp.
#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>

#include <new>

#include "plugin_host/guest.hpp"

namespace tocsin::plugin_host {

namespace {

constexpr std::int64_t kLongestTimer = 7LL * 24 * 3600 * 1000;

Handle to_handle(const tocsin_delivery* delivery) {
  return reinterpret_cast<Handle>(delivery);
}

// Nothing of ours may unwind into the plugin.
template <class Call>
tocsin_status carry(const tocsin_host* host, const Call& call) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  try {
    const auto guest = Guest::of(host);
    return guest == nullptr ? TOCSIN_E_CLOSING : call(*guest);
  } catch (const std::bad_alloc&) {
    return TOCSIN_E_NO_MEMORY;
  }
}

tocsin_status submit_http(const tocsin_host* host, tocsin_delivery* delivery,
                          const tocsin_http_request* request, tocsin_http_fn callback, void* user) {
  return carry(host,
               [&](Guest& guest) { return guest.submit(to_handle(delivery), request, callback, user); });
}
constexpr tocsin_http kHttp{&submit_http};

tocsin_status submit_mail(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_smtp_mail* mail,
                          tocsin_smtp_fn callback, void* user) {
  return carry(host,
               [&](Guest& guest) { return guest.submit_mail(to_handle(delivery), mail, callback, user); });
}
tocsin_status check_mail(const tocsin_host* host, const tocsin_smtp_mail* mail, tocsin_error* error) {
  return carry(host, [&](Guest& guest) { return guest.check_mail(mail, error); });
}
constexpr tocsin_smtp kSmtp{&submit_mail, &check_mail};

tocsin_status put(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_inbox_item* item,
                  tocsin_inbox_fn callback, void* user) {
  return carry(host, [&](Guest& guest) { return guest.put_item(to_handle(delivery), item, callback, user); });
}
constexpr tocsin_inbox kInbox{&put};

std::int64_t unix_ms(const tocsin_host* host) {
  const auto guest = host == nullptr ? nullptr : Guest::of(host);
  return guest == nullptr ? 0 : guest->clock().unix_ms();
}
std::int64_t steady_ms(const tocsin_host* host) {
  const auto guest = host == nullptr ? nullptr : Guest::of(host);
  return guest == nullptr ? 0 : guest->clock().steady_us() / 1000;
}
tocsin_status start_timer(const tocsin_host* host, std::int64_t delay_ms, tocsin_timer_fn callback,
                          void* user, std::uint64_t* timer) {
  if (callback == nullptr || timer == nullptr) return TOCSIN_E_INVALID;
  if (delay_ms < 0 || delay_ms > kLongestTimer) return TOCSIN_E_INVALID;
  return carry(host, [&](Guest& guest) { return guest.start_timer(delay_ms, callback, user, timer); });
}
tocsin_status cancel_timer(const tocsin_host* host, std::uint64_t timer) {
  return carry(host, [&](Guest& guest) { return guest.cancel_timer(timer); });
}
constexpr tocsin_clock kClock{&unix_ms, &steady_ms, &start_timer, &cancel_timer};

tocsin_status hmac_sha256(const tocsin_host* host, tocsin_str key, std::uint32_t key_form,
                          const tocsin_str* parts, std::size_t n_parts, std::uint8_t mac[32]) {
  if (mac == nullptr) return TOCSIN_E_INVALID;
  return carry(host, [&](Guest& guest) {
    return guest.sign(wire::Kind::kHmac, key, key_form, parts, n_parts, mac, 32);
  });
}
tocsin_status sign_ed25519(const tocsin_host* host, tocsin_str key, std::uint32_t key_form,
                           const tocsin_str* parts, std::size_t n_parts, std::uint8_t signature[64]) {
  if (signature == nullptr) return TOCSIN_E_INVALID;
  return carry(host, [&](Guest& guest) {
    return guest.sign(wire::Kind::kSign, key, key_form, parts, n_parts, signature, 64);
  });
}
constexpr tocsin_secret kSecret{&hmac_sha256, &sign_ed25519};

void write_log(const tocsin_host* host, tocsin_delivery* delivery, std::uint32_t level, tocsin_str text,
               const tocsin_kv* fields, std::size_t n_fields) {
  static_cast<void>(carry(host, [&](Guest& guest) {
    guest.write_log(to_handle(delivery), level, text, fields, n_fields);
    return tocsin_status{TOCSIN_OK};
  }));
}
constexpr tocsin_log kLog{&write_log};

}  // namespace

const void* find_table(std::string_view id) {
  if (id == TOCSIN_EXT_HTTP) return &kHttp;
  if (id == TOCSIN_EXT_SMTP) return &kSmtp;
  if (id == TOCSIN_EXT_INBOX) return &kInbox;
  if (id == TOCSIN_EXT_CLOCK) return &kClock;
  if (id == TOCSIN_EXT_SECRET) return &kSecret;
  if (id == TOCSIN_EXT_LOG) return &kLog;
  return nullptr;
}

}  // namespace tocsin::plugin_host
