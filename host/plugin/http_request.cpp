// See http_request.hpp. A token of nobody's is left as it stands: it reveals nothing, and an event whose text
// looks like a token must not stop its channel.
#include "plugin/http_request.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "plugin/egress_target.hpp"
#include "plugin/plain_text.hpp"
#include "security/signature.hpp"

namespace tocsin::plugin {
namespace {

using security::SwapForm;

constexpr std::size_t kMaxUrl = 8 * 1024;
constexpr std::size_t kMaxHeaders = 64;
constexpr std::size_t kMaxHeaderBytes = 9 * 1024;
constexpr std::size_t kMaxBody = 8 * 1024 * 1024;
constexpr std::uint32_t kSmallestRequest = offsetof(tocsin_http_request, basic_password) + sizeof(tocsin_str);

class SecretSwap {
 public:
  SecretSwap(const security::SecretVault& vault, std::uint64_t owner) : vault_(vault), owner_(owner) {}

  void apply(std::string& text, SwapForm form) {
    const auto at = text.find(security::kTokenPrefix);
    if (at == text.npos) return;
    const std::size_t before = text.size();
    if (vault_.swap(owner_, text, form)) {
      used_ = used_ || text.size() != before || text.find(security::kTokenPrefix) == text.npos;
    } else {
      apply_each(text, form, at);
    }
  }
  [[nodiscard]] bool used() const { return used_; }

 private:
  // Where a stranger's token stands among ours: word by word.
  void apply_each(std::string& text, SwapForm form, std::size_t at) {
    while (at != text.npos) {
      std::string word = text.substr(at, security::kTokenLength);
      const std::string token = word;
      if (vault_.swap(owner_, word, form) && word != token) {
        used_ = true;
        text.replace(at, token.size(), word);
        at += word.size();
      } else {
        at += security::kTokenPrefix.size();
      }
      at = text.find(security::kTokenPrefix, at);
    }
  }

  const security::SecretVault& vault_;
  std::uint64_t owner_;
  bool used_ = false;
};

bool is_method(std::string_view method) {
  return method.size() <= 16 &&
         std::all_of(method.begin(), method.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_plain(std::string_view url) {
  return std::all_of(url.begin(), url.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

tocsin_status read_headers(const tocsin_http_request& request, net::ExchangeRequest& out) {
  if (request.n_headers > kMaxHeaders) return TOCSIN_E_TOO_LARGE;
  if (request.n_headers > 0 && request.headers == nullptr) return TOCSIN_E_INVALID;
  out.headers.reserve(request.n_headers + 1);
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < request.n_headers; ++i) {
    const auto name = view(request.headers[i].key);
    const auto value = view(request.headers[i].value);
    if (!net::header_refusal(name, value).empty()) return TOCSIN_E_INVALID;
    bytes += name.size() + value.size();
    out.headers.push_back({std::string(name), std::string(value)});
  }
  return bytes > kMaxHeaderBytes ? TOCSIN_E_TOO_LARGE : TOCSIN_OK;
}

void swap_url(std::string& url, SecretSwap& swap) {
  const bool whole = url.size() == security::kTokenLength && url.starts_with(security::kTokenPrefix);
  swap.apply(url, whole ? SwapForm::kVerbatim : SwapForm::kPercent);
}

// What the values made of the headers; "" where they can be sent.
std::string swap_headers(std::vector<net::Header>& headers, SecretSwap& swap) {
  std::size_t bytes = 0;
  for (auto& header : headers) {
    swap.apply(header.value, SwapForm::kVerbatim);
    const std::string refusal = net::header_refusal(header.name, header.value);
    if (!refusal.empty()) return "a secret cannot stand in a header: " + refusal;
    bytes += header.name.size() + header.value.size();
  }
  return bytes > kMaxHeaderBytes ? "the headers are larger than 9 KiB with their secrets" : "";
}

std::string add_credentials(const tocsin_http_request& request, SecretSwap& swap, HttpRequest& out) {
  std::string user(view(request.basic_user));
  std::string password(view(request.basic_password));
  if (user.empty() && password.empty()) return "";
  swap.apply(user, SwapForm::kVerbatim);
  swap.apply(password, SwapForm::kVerbatim);
  if (user.find(':') != user.npos) return "a user name of basic authentication cannot hold a colon";
  out.credentials = security::encode_base64(user + ':' + password);
  out.exchange.headers.push_back({"Authorization", "Basic " + out.credentials});
  return "";
}

void swap_body(std::uint32_t form, std::string& body, SecretSwap& swap) {
  if (form == TOCSIN_BODY_RAW) swap.apply(body, SwapForm::kVerbatim);
  if (form == TOCSIN_BODY_JSON) swap.apply(body, SwapForm::kJson);
  if (form == TOCSIN_BODY_FORM) swap.apply(body, SwapForm::kPercent);
}

std::int64_t bounded_timeout(std::uint32_t asked) {
  return asked == 0 ? 15'000 : std::clamp<std::int64_t>(asked, 1'000, 60'000);
}

}  // namespace

tocsin_status read_http_request(const tocsin_http_request* request, const security::SecretVault& vault,
                                std::uint64_t owner, std::span<const std::string> egress, HttpRequest& out) {
  if (request == nullptr || request->size < kSmallestRequest) return TOCSIN_E_INVALID;
  const auto method = view(request->method);
  const auto url = view(request->url);
  const auto body = view(request->body);
  if (!is_method(method) || url.empty() || !is_plain(url)) return TOCSIN_E_INVALID;
  if (request->flags != 0 || request->body_secrets > TOCSIN_BODY_FORM) return TOCSIN_E_INVALID;
  if (url.size() > kMaxUrl || body.size() > kMaxBody) return TOCSIN_E_TOO_LARGE;
  const tocsin_status headers = read_headers(*request, out.exchange);
  if (headers != TOCSIN_OK) return headers;

  if (!method.empty()) out.exchange.method = method;
  out.exchange.url = url;
  out.exchange.body = body;
  out.exchange.timeout_ms = bounded_timeout(request->timeout_ms);
  SecretSwap swap(vault, owner);
  swap_url(out.exchange.url, swap);
  const bool secret_url = swap.used();
  if (const auto target = find_target(out.exchange.url)) {
    if (!target_allowed(*target, egress)) return TOCSIN_E_DENIED;
  } else if (secret_url) {
    out.unsendable = "the URL is not an absolute https URL once its secret is in";
  } else {
    return TOCSIN_E_INVALID;
  }
  if (out.unsendable.empty()) out.unsendable = swap_headers(out.exchange.headers, swap);
  if (out.unsendable.empty()) out.unsendable = add_credentials(*request, swap, out);
  swap_body(request->body_secrets, out.exchange.body, swap);
  out.has_secrets = swap.used();
  return TOCSIN_OK;
}

}  // namespace tocsin::plugin
