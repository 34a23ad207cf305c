// tocsin/cpp/host.hpp - the host as an instance sees it, and the delivery it must complete.
//
// Why: typed access to the extensions a channel declared. What it does not do: ask for one that it did not
// declare. Both classes are small handles to copy; the host outlives the instance.
#pragma once

#include <memory>
#include <tocsin/cpp/classify.hpp>
#include <tocsin/cpp/smtp.hpp>
#include <type_traits>

namespace tocsin {

class host {
 public:
  // Looks up the extensions named in the two lists (NULL-terminated, may be null), and no others.
  host(const tocsin_host* h, const char* const* required, const char* const* used) : h_(h) {
    for (const char* const* list : {required, used}) {
      for (; list != nullptr && *list != nullptr; ++list) adopt(*list);
    }
  }

  const tocsin_host* raw() const noexcept { return h_; }
  std::string_view team() const noexcept { return view(h_->team); }
  std::string_view channel() const noexcept { return view(h_->channel); }
  bool has_log() const noexcept { return log_ != nullptr; }

  void log(std::uint32_t level, std::string_view text, tocsin_delivery* about = nullptr) const noexcept {
    if (log_ != nullptr) log_->write(h_, about, level, c_str(text), nullptr, 0);
  }
  std::int64_t unix_ms() const { return need(clock_, TOCSIN_EXT_CLOCK)->unix_ms(h_); }
  tocsin_status hmac_sha256(std::string_view key, std::uint32_t form, std::span<const tocsin_str> parts,
                            std::array<std::uint8_t, 32>& mac) const {
    return need(secret_, TOCSIN_EXT_SECRET)
        ->hmac_sha256(h_, c_str(key), form, parts.data(), parts.size(), mac.data());
  }
  const tocsin_clock* clock() const { return need(clock_, TOCSIN_EXT_CLOCK); }
  const tocsin_secret* secret() const { return need(secret_, TOCSIN_EXT_SECRET); }
  const tocsin_http* http() const { return need(http_, TOCSIN_EXT_HTTP); }
  const tocsin_smtp* smtp() const { return need(smtp_, TOCSIN_EXT_SMTP); }
  const tocsin_inbox* inbox() const { return need(inbox_, TOCSIN_EXT_INBOX); }

 private:
  template <class T>
  static const T* need(const T* table, const char* id) {
    if (table == nullptr) throw std::logic_error(std::string("the channel did not declare ") + id);
    return table;
  }
  void adopt(std::string_view id) noexcept {
    const auto take = [&](auto& slot, const char* name) {
      if (id == name)
        slot = static_cast<std::remove_reference_t<decltype(slot)>>(h_->get_extension(h_, name));
    };
    take(log_, TOCSIN_EXT_LOG);
    take(clock_, TOCSIN_EXT_CLOCK);
    take(secret_, TOCSIN_EXT_SECRET);
    take(http_, TOCSIN_EXT_HTTP);
    take(smtp_, TOCSIN_EXT_SMTP);
    take(inbox_, TOCSIN_EXT_INBOX);
  }

  const tocsin_host* h_;
  const tocsin_log* log_ = nullptr;
  const tocsin_clock* clock_ = nullptr;
  const tocsin_secret* secret_ = nullptr;
  const tocsin_http* http_ = nullptr;
  const tocsin_smtp* smtp_ = nullptr;
  const tocsin_inbox* inbox_ = nullptr;
};

// One attempt (or verification) that waits for its outcome. complete() exactly once, on any of its copies.
class delivery {
 public:
  delivery(const tocsin::host& h, tocsin_delivery* d, const char* type) noexcept
      : host_(&h), d_(d), type_(type) {}

  void complete(const outcome& o) const noexcept {
    tocsin_outcome c{};
    c.size = sizeof c;
    c.status = o.status;
    c.retry_after_ms = o.retry_after_ms;
    c.provider_id = c_str(o.provider_id);
    c.carry = c_str(o.carry);
    c.detail = c_str(o.detail);
    c.code = c_str(o.code);
    char code[128];
    if (!o.code.empty() && o.code.find('.') == std::string::npos) {
      const int n = std::snprintf(code, sizeof code, "%s.%s", type_, o.code.c_str());
      if (n > 0 && static_cast<std::size_t>(n) < sizeof code)
        c.code = c_str({code, static_cast<std::size_t>(n)});
    }
    host_->raw()->complete(host_->raw(), d_, &c);
  }

  // Makes the exchange and calls `then(http_response)` on the strand. A refused submit completes the delivery
  // with what the refusal means, and so does an exception from `then`.
  template <class Then>
  void send(const http_request& request, Then then) const {
    struct waiting {
      delivery self;
      Then then;
    };
    auto state = std::make_unique<waiting>(waiting{*this, std::move(then)});
    const auto callback = [](tocsin_instance*, tocsin_delivery*, const tocsin_http_response* r,
                             void* user) noexcept {
      const std::unique_ptr<waiting> owned(static_cast<waiting*>(user));
      owned->self.guard([&] { owned->then(http_response(*r)); });
    };
    const tocsin_status status = request.as_c([&](const tocsin_http_request& r) {
      return host_->http()->submit(host_->raw(), d_, &r, callback, state.get());
    });
    submitted(status, state);
  }
  // The same for a mail: `then(smtp_reply)`.
  template <class Then>
  void send(const smtp_mail& mail, Then then) const {
    struct waiting {
      delivery self;
      Then then;
    };
    auto state = std::make_unique<waiting>(waiting{*this, std::move(then)});
    const auto callback = [](tocsin_instance*, tocsin_delivery*, const tocsin_smtp_reply* r,
                             void* user) noexcept {
      const std::unique_ptr<waiting> owned(static_cast<waiting*>(user));
      owned->self.guard([&] { owned->then(smtp_reply(*r)); });
    };
    const tocsin_status status = mail.as_c([&](const tocsin_smtp_mail& m) {
      return host_->smtp()->submit(host_->raw(), d_, &m, callback, state.get());
    });
    submitted(status, state);
  }

  // Runs `body`; an exception that escapes becomes the outcome.
  template <class Body>
  void guard(Body&& body) const noexcept {
    try {
      body();
    } catch (const std::exception& e) {
      complete_exception(e.what());
    } catch (...) {
      complete_exception("an exception that is no std::exception");
    }
  }
  tocsin_delivery* raw() const noexcept { return d_; }

 private:
  // An accepted submit leaves the state to the callback.
  template <class State>
  void submitted(tocsin_status status, std::unique_ptr<State>& state) const noexcept {
    if (status == TOCSIN_OK) {
      static_cast<void>(state.release());
    } else if (status != TOCSIN_E_STALE) {
      complete(classify_refusal(status));
    }
  }
  void complete_exception(const char* what) const noexcept {
    tocsin_outcome c{};
    c.size = sizeof c;
    c.status = TOCSIN_REJECTED;
    c.code = tocsin_lit("plugin.exception");
    c.detail = tocsin_lit(what);
    host_->raw()->complete(host_->raw(), d_, &c);
  }

  const tocsin::host* host_;
  tocsin_delivery* d_;
  const char* type_;
};

}  // namespace tocsin
