// tocsin/cpp/smtp.hpp - a mail transaction to make, and what came of it.
//
// Why: the C structs only point; an author wants something that owns its strings. What it does not do: build
// a message (its bytes are given), check addresses (the host refuses what could break the dialogue) or judge
// a reply.
#pragma once

#include <tocsin/cpp/views.hpp>

namespace tocsin {

// The fields are those of tocsin_smtp_mail.
struct smtp_mail {
  std::string server;
  std::uint32_t port = 0;
  std::uint32_t security = TOCSIN_SMTP_STARTTLS;
  std::uint32_t auth = TOCSIN_SMTP_NO_AUTH;
  std::string user{}, password{};  // password: a token
  std::string ehlo{};
  std::string envelope_from{};
  std::vector<std::string> recipients{};
  std::string bytes{};
  std::uint32_t timeout_ms = 0;
  std::uint32_t flags = 0;

  // Calls `use(const tocsin_smtp_mail&)` with the C form, valid during that call.
  template <class Use>
  auto as_c(Use&& use) const {
    std::vector<tocsin_str> to;
    for (const auto& address : recipients) to.push_back(c_str(address));
    tocsin_smtp_mail m{};
    m.size = sizeof m;
    m.flags = flags;
    m.security = security;
    m.auth = auth;
    m.port = port;
    m.timeout_ms = timeout_ms;
    m.server = c_str(server);
    m.ehlo = c_str(ehlo);
    m.user = c_str(user);
    m.password = c_str(password);
    m.envelope_from = c_str(envelope_from);
    m.recipients = to.data();
    m.n_recipients = to.size();
    m.bytes = c_str(bytes);
    return use(static_cast<const tocsin_smtp_mail&>(m));
  }
};

// One recipient's own answer; a view, valid during the callback.
struct smtp_answer {
  std::string_view address;
  int code = 0;
  std::uint32_t stage = 0;
  std::string_view enhanced, text;
};

// A view of the C reply, valid during the callback.
class smtp_reply {
 public:
  explicit smtp_reply(const tocsin_smtp_reply& r) noexcept : r_(&r) {}
  std::uint32_t io_error() const noexcept { return r_->io_error; }
  std::uint32_t stage() const noexcept { return r_->stage; }
  bool request_sent() const noexcept { return r_->request_sent != 0; }
  // Of the whole transaction: the last reply that mattered.
  smtp_answer last() const noexcept { return {{}, r_->code, r_->stage, view(r_->enhanced), view(r_->text)}; }
  std::size_t size() const noexcept { return r_->n_recipients; }
  smtp_answer operator[](std::size_t i) const noexcept {
    const tocsin_smtp_recipient& one = r_->recipients[i];
    return {view(one.address), one.code, one.stage, view(one.enhanced), view(one.text)};
  }

 private:
  const tocsin_smtp_reply* r_;
};

}  // namespace tocsin
