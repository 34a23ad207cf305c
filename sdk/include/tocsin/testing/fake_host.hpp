// tocsin/testing/fake_host.hpp - a host for tests of a channel: virtual clock, scripted answers, everything
// on record.
//
// Why: a channel's behaviour is what it asks of the host and how it completes; both can be seen without a
// socket. What it does not do: threads, egress policy, real cryptography (give on_hmac for that). One thread
// only. A call that comes after destroy() has returned, from a thread of the channel's own, is answered with
// TOCSIN_E_CLOSING or nothing and counted: late_calls() in host_door.hpp.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <tocsin/testing/documents.hpp>
#include <tocsin/testing/host_door.hpp>
#include <tocsin/testing/records.hpp>

namespace tocsin::testing {

class fake_host {
 public:
  explicit fake_host(const tocsin_channel_type& type) : type_(type), door_(&open_door()) {}
  ~fake_host() {
    destroy();
    door_->close();
  }
  fake_host(const fake_host&) = delete;
  fake_host& operator=(const fake_host&) = delete;

  // Script and environment, to set at any time.
  std::deque<http_reply> replies;              // one an exchange, then 200 for ever
  std::deque<mail_reply> mail_replies;         // one a transaction, then taken for ever
  std::string mail_refusal;                    // what smtp check() says; empty: fine
  bool refuses_mail_with_tls = true;           // false: it says that of mail without TLS alone
  std::function<void()> on_mail;               // before each answer of a mail server
  std::deque<inbox_reply> inbox_replies;       // one a put, then stored for ever
  std::map<std::string, std::string> secrets;  // token -> value
  std::set<std::string> withheld;              // extension ids this host does not know
  std::int64_t unix_ms = 1'795'420'800'000;
  tocsin_status submit_answer = TOCSIN_OK;  // what http submit() and inbox put() say; other than OK: no more
  // Stricter than this host: asked first, and what is not OK is the answer.
  std::function<tocsin_status(const tocsin_http_request&)> on_submit;
  std::function<tocsin_status(const tocsin_smtp_mail&)> on_submit_mail;
  std::function<tocsin_status(const tocsin_inbox_item&)> on_put;
  std::function<tocsin_status(std::string_view secret, std::uint32_t form, std::string_view text,
                              std::uint8_t* mac)>
      on_hmac = [](std::string_view, std::uint32_t, std::string_view, std::uint8_t* mac) {
        std::fill_n(mac, 32, std::uint8_t{0xAB});
        return TOCSIN_OK;
      };

  std::function<tocsin_status(std::string_view secret, std::uint32_t form, std::string_view text,
                              std::uint8_t* signature)>
      on_ed25519 = [](std::string_view, std::uint32_t, std::string_view, std::uint8_t* signature) {
        std::fill_n(signature, 64, std::uint8_t{0xCD});
        return TOCSIN_OK;
      };

  // On record.
  std::vector<std::pair<std::uint32_t, std::string>> log;  // level, text
  std::vector<sent_request> requests;
  std::vector<sent_mail> mails;
  std::vector<inbox_put> items;
  std::vector<completion> completions;
  std::vector<std::string> undeclared;  // extensions asked for without being declared

  // True where the plugin took the settings; else `error` holds why.
  bool create(document settings) {
    destroy();
    if (is_used_) door_ = &open_door();  // whoever has the last one stays outside
    is_used_ = true;
    error = {};
    error.size = sizeof error;
    instance_ = type_.api->create(raw(), settings.c(), &error);
    return instance_ != nullptr;
  }
  void destroy() {
    if (instance_ != nullptr) type_.api->destroy(instance_);
    instance_ = nullptr;
    if (is_used_) door_->close();
  }
  tocsin_error error{};

  // One attempt, with every callback it causes. Returns how it was completed: once, if the channel is right.
  std::vector<completion> deliver(sample_message& sample) {
    const std::size_t before = completions.size();
    type_.api->deliver(instance_, sample.c(), next_delivery());
    run();
    return {completions.begin() + static_cast<std::ptrdiff_t>(before), completions.end()};
  }
  std::vector<completion> deliver(sample_message&& sample) { return deliver(sample); }
  std::vector<completion> verify() {
    const std::size_t before = completions.size();
    type_.api->verify(instance_, next_delivery());
    run();
    return {completions.begin() + static_cast<std::ptrdiff_t>(before), completions.end()};
  }
  // Plays the waiting callbacks, and those they cause.
  void run() {
    while (!waiting_.empty()) {
      const auto next = std::move(waiting_.front());
      waiting_.pop_front();
      next();
    }
  }
  // No callback waits to be played.
  bool is_idle() const noexcept { return waiting_.empty(); }
  // A timer runs: advance() may bring something.
  bool has_timers() const noexcept { return !timers_.empty(); }
  // Moves the clock on and fires the timers that come due.
  void advance(std::int64_t ms) {
    unix_ms += ms;
    for (auto it = timers_.begin(); it != timers_.end();) {
      if (it->second.due > unix_ms) {
        ++it;
        continue;
      }
      waiting_.push_back([this, t = it->second] { t.callback(instance_, t.user); });
      it = timers_.erase(it);
    }
    run();
  }
  const tocsin_host* raw() const noexcept { return &door_->host(); }  // of the channel that create() made
  tocsin_instance* instance() const noexcept { return instance_; }

 protected:
  // Null: the channel has been destroyed.
  static fake_host* of(const tocsin_host* h) noexcept { return host_door::enter(h); }

 private:
  struct timer {
    std::int64_t due;
    tocsin_timer_fn callback;
    void* user;
  };
  template <class Rule, class Asked>
  static tocsin_status ask(const Rule& rule, const Asked* asked) {
    return rule ? rule(*asked) : TOCSIN_OK;
  }
  host_door& open_door() {
    return host_door::make(*this, {sizeof(tocsin_host), TOCSIN_ABI_MINOR, nullptr, TOCSIN_LIT("0.0-fake"),
                                   TOCSIN_LIT("demo"), TOCSIN_LIT("test"), &get_extension, &complete});
  }
  tocsin_delivery* next_delivery() { return reinterpret_cast<tocsin_delivery*>(++last_delivery_); }

  static bool names(const char* const* list, std::string_view id) {
    for (; list != nullptr && *list != nullptr; ++list) {
      if (id == *list) return true;
    }
    return false;
  }
  static const void* get_extension(const tocsin_host* h, const char* id) {
    fake_host* const self = of(h);
    if (self == nullptr) return find_table(id);  // answers as late; NULL might be followed
    if (!names(self->type_.requires_ext, id) && !names(self->type_.uses_ext, id)) {
      self->undeclared.emplace_back(id);
      return nullptr;
    }
    return self->withheld.contains(id) ? nullptr : find_table(id);
  }
  static const void* find_table(std::string_view name) {
    static constexpr tocsin_log log{&write_log};
    static constexpr tocsin_clock clock{&now, &now, &start_timer, &cancel_timer};
    static constexpr tocsin_secret secret{&hmac, &ed25519};
    static constexpr tocsin_http http{&submit};
    static constexpr tocsin_smtp smtp{&submit_mail, &check_mail};
    static constexpr tocsin_inbox inbox{&put};
    if (name == TOCSIN_EXT_SMTP) return &smtp;
    if (name == TOCSIN_EXT_LOG) return &log;
    if (name == TOCSIN_EXT_CLOCK) return &clock;
    if (name == TOCSIN_EXT_SECRET) return &secret;
    if (name == TOCSIN_EXT_INBOX) return &inbox;
    return name == TOCSIN_EXT_HTTP ? &http : nullptr;
  }
  static void complete(const tocsin_host* h, tocsin_delivery* d, const tocsin_outcome* o) {
    fake_host* const self = of(h);
    if (self == nullptr) return;
    self->completions.push_back({d, o->status, std::string(view(o->code)), std::string(view(o->detail)),
                                 std::string(view(o->provider_id)), o->retry_after_ms,
                                 std::string(view(o->carry))});
  }
  static void write_log(const tocsin_host* h, tocsin_delivery*, std::uint32_t level, tocsin_str text,
                        const tocsin_kv*, std::size_t) {
    if (fake_host* const self = of(h)) self->log.emplace_back(level, view(text));
  }
  static std::int64_t now(const tocsin_host* h) {
    const fake_host* const self = of(h);
    return self == nullptr ? 0 : self->unix_ms;
  }
  static tocsin_status start_timer(const tocsin_host* h, std::int64_t delay_ms, tocsin_timer_fn callback,
                                   void* user, std::uint64_t* id) {
    if (callback == nullptr || delay_ms < 0) return TOCSIN_E_INVALID;
    fake_host* const self = of(h);
    if (self == nullptr) return TOCSIN_E_CLOSING;
    *id = ++self->last_timer_;
    self->timers_[*id] = {self->unix_ms + delay_ms, callback, user};
    return TOCSIN_OK;
  }
  static tocsin_status cancel_timer(const tocsin_host* h, std::uint64_t id) {
    fake_host* const self = of(h);
    if (self == nullptr) return TOCSIN_E_CLOSING;
    return self->timers_.erase(id) == 1 ? TOCSIN_OK : TOCSIN_E_STALE;
  }
  static tocsin_status hmac(const tocsin_host* h, tocsin_str key, std::uint32_t form, const tocsin_str* parts,
                            std::size_t n, std::uint8_t* mac) {
    fake_host* const self = of(h);
    if (self == nullptr) return TOCSIN_E_CLOSING;
    const auto found = self->secrets.find(std::string(view(key)));
    if (found == self->secrets.end()) return TOCSIN_E_UNKNOWN_SECRET;
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += view(parts[i]);
    return self->on_hmac(found->second, form, text, mac);
  }
  static tocsin_status ed25519(const tocsin_host* h, tocsin_str key, std::uint32_t form,
                               const tocsin_str* parts, std::size_t n, std::uint8_t* signature) {
    fake_host* const self = of(h);
    if (self == nullptr) return TOCSIN_E_CLOSING;
    const auto found = self->secrets.find(std::string(view(key)));
    if (found == self->secrets.end()) return TOCSIN_E_UNKNOWN_SECRET;
    std::string text;
    for (std::size_t i = 0; i < n; ++i) text += view(parts[i]);
    return self->on_ed25519(found->second, form, text, signature);
  }
  static tocsin_status submit(const tocsin_host* h, tocsin_delivery* d, const tocsin_http_request* r,
                              tocsin_http_fn callback, void* user) {
    fake_host* const there = of(h);
    if (there == nullptr) return TOCSIN_E_CLOSING;
    fake_host& self = *there;
    if (self.submit_answer != TOCSIN_OK) return self.submit_answer;
    if (const auto no = self.ask(self.on_submit, r); no != TOCSIN_OK) return no;
    sent_request sent{std::string(view(r->method)),
                      std::string(view(r->url)),
                      std::string(view(r->body)),
                      std::string(view(r->basic_user)),
                      std::string(view(r->basic_password)),
                      {},
                      r->timeout_ms,
                      r->body_secrets};
    for (std::size_t i = 0; i < r->n_headers; ++i) {
      if (tocsin_header_name_ok(r->headers[i].key) == 0 || tocsin_header_value_ok(r->headers[i].value) == 0) {
        return TOCSIN_E_INVALID;
      }
      sent.headers.emplace_back(view(r->headers[i].key), view(r->headers[i].value));
    }
    self.requests.push_back(std::move(sent));
    http_reply reply;
    if (!self.replies.empty()) {
      reply = std::move(self.replies.front());
      self.replies.pop_front();
    }
    self.waiting_.push_back([&self, d, callback, user, reply = std::move(reply)] {
      reply.as_c([&](const tocsin_http_response& c) { callback(self.instance_, d, &c, user); });
    });
    return TOCSIN_OK;
  }

  static tocsin_status submit_mail(const tocsin_host* h, tocsin_delivery* d, const tocsin_smtp_mail* m,
                                   tocsin_smtp_fn callback, void* user) {
    fake_host* const there = of(h);
    if (there == nullptr) return TOCSIN_E_CLOSING;
    fake_host& self = *there;
    if (self.submit_answer != TOCSIN_OK) return self.submit_answer;
    if (const auto no = self.ask(self.on_submit_mail, m); no != TOCSIN_OK) return no;
    sent_mail sent{m->flags,
                   m->security,
                   m->auth,
                   m->port,
                   m->timeout_ms,
                   std::string(view(m->server)),
                   std::string(view(m->ehlo)),
                   std::string(view(m->user)),
                   std::string(view(m->password)),
                   std::string(view(m->envelope_from)),
                   std::string(view(m->bytes)),
                   {}};
    for (std::size_t i = 0; i < m->n_recipients; ++i) sent.recipients.emplace_back(view(m->recipients[i]));
    mail_reply reply;
    if (!self.mail_replies.empty()) {
      reply = std::move(self.mail_replies.front());
      self.mail_replies.pop_front();
    }
    self.waiting_.push_back([&self, d, callback, user, to = sent.recipients, reply = std::move(reply)] {
      if (self.on_mail) self.on_mail();
      reply.as_c(to, [&](const tocsin_smtp_reply& c) { callback(self.instance_, d, &c, user); });
    });
    self.mails.push_back(std::move(sent));
    return TOCSIN_OK;
  }
  static tocsin_status check_mail(const tocsin_host* h, const tocsin_smtp_mail* mail, tocsin_error* error) {
    fake_host* const self = of(h);
    if (self == nullptr) return TOCSIN_E_CLOSING;
    const bool refused = self->refuses_mail_with_tls || mail->security == TOCSIN_SMTP_CLEAR;
    if (self->mail_refusal.empty() || !refused) return TOCSIN_OK;
    std::snprintf(error->text, sizeof error->text, "%s", self->mail_refusal.c_str());
    return TOCSIN_E_DENIED;
  }
  static tocsin_status put(const tocsin_host* h, tocsin_delivery* d, const tocsin_inbox_item* i,
                           tocsin_inbox_fn callback, void* user) {
    fake_host* const there = of(h);
    if (there == nullptr) return TOCSIN_E_CLOSING;
    fake_host& self = *there;
    if (self.submit_answer != TOCSIN_OK) return self.submit_answer;
    if (const auto no = self.ask(self.on_put, i); no != TOCSIN_OK) return no;
    const auto copy = [](tocsin_str text) { return std::string(view(text)); };
    self.items.push_back({i->severity, i->category, i->time_unix_ms, copy(i->id), copy(i->user),
                          copy(i->type), copy(i->source), copy(i->title), copy(i->summary), copy(i->link),
                          copy(i->json)});
    inbox_reply reply;
    if (!self.inbox_replies.empty()) {
      reply = std::move(self.inbox_replies.front());
      self.inbox_replies.pop_front();
    }
    self.waiting_.push_back([&self, d, callback, user, reply = std::move(reply)] {
      const tocsin_inbox_result c{sizeof c, reply.status, reply.duplicate ? 1U : 0U, 0, c_str(reply.item)};
      callback(self.instance_, d, &c, user);
    });
    return TOCSIN_OK;
  }

  const tocsin_channel_type& type_;
  host_door* door_;
  bool is_used_ = false;  // a channel has been given it
  tocsin_instance* instance_ = nullptr;
  std::uintptr_t last_delivery_ = 0;
  std::uint64_t last_timer_ = 0;
  std::map<std::uint64_t, timer> timers_;
  std::deque<std::function<void()>> waiting_;
};

}  // namespace tocsin::testing
