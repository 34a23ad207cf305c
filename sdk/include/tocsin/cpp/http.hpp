// tocsin/cpp/http.hpp - a request to make, the response that came, and the outcome it means.
//
// Why: these three are all that the sans-I/O style speaks of, so a channel is testable without a host. What
// it does not do: send (that is host.hpp) or follow the Standard Webhooks rules (that is the webhook plugin).
#pragma once

#include <tocsin/cpp/views.hpp>

namespace tocsin {

class http_request {
 public:
  explicit http_request(std::string url, std::string method = "POST")
      : url_(std::move(url)), method_(std::move(method)) {}

  // Any text is safe here: see header_text(). A secret token passes unchanged.
  http_request&& header(std::string name, std::string_view value) {
    headers_.emplace_back(std::move(name), header_text(value));
    return std::move(*this);
  }
  // Adds nothing for an empty token, so an optional setting needs no if.
  http_request&& bearer(std::string_view token) {
    if (!token.empty()) headers_.emplace_back("Authorization", "Bearer " + std::string(token));
    return std::move(*this);
  }
  http_request&& basic(std::string user, std::string password) {
    user_ = std::move(user);
    password_ = std::move(password);
    return std::move(*this);
  }
  http_request&& body(std::string bytes, std::string content_type) {
    body_ = std::move(bytes);
    headers_.emplace_back("Content-Type", std::move(content_type));
    return std::move(*this);
  }
  http_request&& text(std::string_view t) { return body(std::string(t), "text/plain; charset=utf-8"); }
  http_request&& json(std::string j) { return body(std::move(j), "application/json"); }
  // TOCSIN_BODY_*: asks the host to look for secret tokens in the body.
  http_request&& secrets_in_body(std::uint32_t form) {
    body_secrets_ = form;
    return std::move(*this);
  }
  http_request&& timeout_ms(std::uint32_t ms) {
    timeout_ms_ = ms;
    return std::move(*this);
  }
  http_request&& reserve(std::size_t headers) {
    headers_.reserve(headers);
    return std::move(*this);
  }

  const std::string& url() const noexcept { return url_; }
  const std::string& method() const noexcept { return method_; }
  const std::string& bytes() const noexcept { return body_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const noexcept { return headers_; }

  // Calls `use(const tocsin_http_request&)` with the C form, valid during that call.
  template <class Use>
  auto as_c(Use&& use) const {
    tocsin_kv few[12];
    std::vector<tocsin_kv> many;
    tocsin_kv* kv = few;
    if (headers_.size() > std::size(few)) {
      many.resize(headers_.size());
      kv = many.data();
    }
    for (std::size_t i = 0; i < headers_.size(); ++i)
      kv[i] = {c_str(headers_[i].first), c_str(headers_[i].second)};
    tocsin_http_request r{};
    r.size = sizeof r;
    r.timeout_ms = timeout_ms_;
    r.body_secrets = body_secrets_;
    r.method = c_str(method_);
    r.url = c_str(url_);
    r.headers = kv;
    r.n_headers = headers_.size();
    r.body = c_str(body_);
    if (!user_.empty() || !password_.empty()) {
      r.basic_user = c_str(user_);
      r.basic_password = c_str(password_);
    }
    return use(static_cast<const tocsin_http_request&>(r));
  }

 private:
  std::string url_, method_, body_, user_, password_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::uint32_t timeout_ms_ = 0;
  std::uint32_t body_secrets_ = TOCSIN_BODY_NONE;
};

inline http_request post(std::string url) {
  return http_request(std::move(url));
}
inline http_request get(std::string url) {
  return http_request(std::move(url), "GET");
}
inline http_request put(std::string url) {
  return http_request(std::move(url), "PUT");
}

// A view of the C response, valid during the callback.
class http_response {
 public:
  explicit http_response(const tocsin_http_response& r) noexcept : r_(&r) {}
  std::uint32_t io_error() const noexcept { return r_->io_error; }
  int status() const noexcept { return r_->status; }  // 0 = no answer
  bool ok() const noexcept { return status() >= 200 && status() < 300; }
  bool request_sent() const noexcept { return r_->request_sent != 0; }
  // The receiver's wish, never negative; 0 where it has none.
  std::int64_t retry_after_ms() const noexcept { return r_->retry_after_ms > 0 ? r_->retry_after_ms : 0; }
  std::string_view body() const noexcept { return view(r_->body); }
  // The first header of that name, given in lower case.
  std::string_view header(std::string_view name) const noexcept {
    for (std::size_t i = 0; i < r_->n_headers; ++i) {
      if (view(r_->headers[i].key) == name) return view(r_->headers[i].value);
    }
    return {};
  }

 private:
  const tocsin_http_response* r_;
};

// How an attempt ended. A code without a dot gets the channel type in front: "http_503" ->
// "sh.ntfy.http_503".
struct outcome {
  int status = 0;  // TOCSIN_DELIVERED ..
  std::string code{}, detail{};
  std::int64_t retry_after_ms = 0;
  std::string provider_id{};
  std::string carry{};  // for the next attempt: see tocsin_outcome.carry

  static outcome delivered(std::string provider_id = {}) {
    return {TOCSIN_DELIVERED, {}, {}, 0, std::move(provider_id), {}};
  }
  static outcome accepted(std::string provider_id = {}) {
    return {TOCSIN_ACCEPTED, {}, {}, 0, std::move(provider_id), {}};
  }
  static outcome retry(std::string code, std::string detail, std::int64_t after_ms = 0) {
    return {TOCSIN_RETRY, std::move(code), std::move(detail), after_ms, {}, {}};
  }
  static outcome rejected(std::string code, std::string detail) {
    return {TOCSIN_REJECTED, std::move(code), std::move(detail), 0, {}, {}};
  }
  static outcome misconfigured(std::string code, std::string detail) {
    return {TOCSIN_MISCONFIGURED, std::move(code), std::move(detail), 0, {}, {}};
  }
};

}  // namespace tocsin

#include <tocsin/cpp/classify.hpp>
