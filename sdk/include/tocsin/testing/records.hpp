// tocsin/testing/records.hpp - what a fake host answers, and what it writes down.
//
// Why: tests script the one and assert on the other, by value. What it does not do: anything by itself.
#pragma once

#include <tocsin/plugin.hpp>

namespace tocsin::testing {

struct http_reply {
  int status = 200;
  std::uint32_t io_error = TOCSIN_IO_OK;
  bool request_sent = true;
  std::int64_t retry_after_ms = -1;
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};

  // Calls `use` with the C form.
  template <class Use>
  void as_c(Use&& use) const {
    std::vector<tocsin_kv> kv;
    for (const auto& [key, value] : headers) kv.push_back({c_str(key), c_str(value)});
    tocsin_http_response r{};
    r.size = sizeof r;
    r.io_error = io_error;
    r.status = status;
    r.request_sent = request_sent ? 1 : 0;
    r.retry_after_ms = retry_after_ms;
    r.headers = kv.data();
    r.n_headers = kv.size();
    r.body = c_str(body);
    use(static_cast<const tocsin_http_response&>(r));
  }
};

struct sent_request {
  std::string method, url, body, basic_user, basic_password;
  std::vector<std::pair<std::string, std::string>> headers;
  std::uint32_t timeout_ms = 0, body_secrets = 0;
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return {};
  }
};

struct completion {
  tocsin_delivery* delivery;
  int status;
  std::string code, detail, provider_id;
  std::int64_t retry_after_ms;
  std::string carry{};
};

}  // namespace tocsin::testing
