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

struct sent_mail {
  std::uint32_t flags = 0, security = 0, auth = 0, port = 0, timeout_ms = 0;
  std::string server, ehlo, user, password, envelope_from, bytes;
  std::vector<std::string> recipients;
};

// By default every recipient is taken. `answers` are of the recipients, in order; where there are fewer, the
// others end as the whole.
struct mail_reply {
  std::uint32_t io_error = TOCSIN_IO_OK;
  std::uint32_t stage = TOCSIN_SMTP_DONE;
  int code = 250;
  std::string enhanced = "2.0.0", text = "queued";
  bool request_sent = true;
  std::vector<smtp_answer> answers{};

  // Calls `use` with the C form for these recipients.
  template <class Use>
  void as_c(const std::vector<std::string>& to, Use&& use) const {
    std::vector<tocsin_smtp_recipient> each;
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (i < answers.size()) {
        const smtp_answer& own = answers[i];
        each.push_back({c_str(to[i]), own.code, own.stage, c_str(own.enhanced), c_str(own.text)});
      } else {
        each.push_back({c_str(to[i]), code, stage, c_str(enhanced), c_str(text)});
      }
    }
    tocsin_smtp_reply r{};
    r.size = sizeof r;
    r.io_error = io_error;
    r.stage = stage;
    r.code = code;
    r.enhanced = c_str(enhanced);
    r.text = c_str(text);
    r.request_sent = request_sent ? 1 : 0;
    r.recipients = each.data();
    r.n_recipients = each.size();
    use(static_cast<const tocsin_smtp_reply&>(r));
  }
};

// What the store says to a put.
struct inbox_reply {
  tocsin_status status = TOCSIN_OK;
  bool duplicate = false;
  std::string item = "itm_0000000000001";
};

// An item that was put, copied.
struct inbox_put {
  std::uint32_t severity = 0, category = 0;
  std::int64_t time_unix_ms = 0;
  std::string id, user, type, source, title, summary, link, json;
};

struct completion {
  tocsin_delivery* delivery;
  int status;
  std::string code, detail, provider_id;
  std::int64_t retry_after_ms;
  std::string carry{};
};

}  // namespace tocsin::testing
