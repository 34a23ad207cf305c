// See curl_transfer.hpp. The callbacks run inside libcurl, on the egress thread.
#include "net/curl_transfer.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstring>

#include "net/curl_set.hpp"
#include "net/egress_url.hpp"
#include "net/header_rules.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kKeptBody = 20'000;           // what Svix keeps for its log
constexpr std::size_t kReadBody = 64 << 10;         // no receiver has this much to say
constexpr std::size_t kMostHeaderBytes = 64 << 10;  // of the answer
constexpr std::size_t kMostHeaders = 100;           // of either side
constexpr std::int64_t kConnectTimeoutMs = 5'000;

constexpr std::string_view kMethods[] = {"POST", "PUT", "PATCH", "GET", "DELETE"};

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == text.npos ? std::string_view()
                            : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

// libcurl copies no header list: the lines and the list's nodes live here and keep their memory.
struct Transfer::Lines {
  std::string text;  // each line ends with a NUL
  std::vector<std::size_t> starts;
  std::vector<curl_slist> nodes;

  void clear() {
    text.clear();
    starts.clear();
  }
  void add(std::string_view name, std::string_view value) {
    starts.push_back(text.size());
    text.append(name);
    // "Name;" is libcurl's way to send an empty value; "Name:" would remove the field.
    text.append(value.empty() ? ";" : ": ").append(value).push_back('\0');
  }
  void remove(std::string_view name) {
    starts.push_back(text.size());
    text.append(name).append(":").push_back('\0');
  }
  curl_slist* list() {
    nodes.resize(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
      nodes[i].data = text.data() + starts[i];
      nodes[i].next = i + 1 < starts.size() ? &nodes[i + 1] : nullptr;
    }
    return nodes.data();
  }
};

struct Transfer::Callbacks {
  // Before every request, on a reused connection too.
  static int before_request(void* user, char* ip, char*, int port, int) {
    auto& self = *static_cast<Transfer*>(user);
    const auto address = security::parse_address(ip);
    if (!address) {
      self.end_.refusal = "not an internet address";
    } else if (const char* why = self.refusal(*address, static_cast<std::uint16_t>(port))) {
      self.end_.refusal = why;
    }
    if (self.end_.refusal != nullptr) {  // here, or at another of the name's addresses
      return CURL_PREREQFUNC_ABORT;
    }
    // A kept connection that dies under a request makes libcurl send it again; that is the caller's to
    // decide.
    if (self.end_.connected && self.request_left()) {
      self.end_.repeated = true;
      return CURL_PREREQFUNC_ABORT;
    }
    self.end_.connected = true;
    self.response_.remote_address = name_peer(*address, port);
    return CURL_PREREQFUNC_OK;
  }

  static std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    const std::string_view line(bytes, count);
    auto& headers = self.response_.headers;
    self.header_bytes_ += count;
    if (self.header_bytes_ > kMostHeaderBytes || headers.size() >= kMostHeaders) {
      self.end_.flooded = true;
      return 0;
    }
    if (self.body_bytes_ != 0) {
      return count;  // a trailer
    }
    if (line.starts_with("HTTP/")) {
      headers.clear();  // what stood here belonged to a 1xx answer
      return count;
    }
    const auto colon = line.find(':');
    if (colon != line.npos && colon != 0) {
      Header& header = headers.emplace_back();
      header.name = line.substr(0, colon);
      std::transform(header.name.begin(), header.name.end(), header.name.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
      header.value = trim(line.substr(colon + 1));
    }
    return count;
  }

  static std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    auto& body = self.response_.body;
    self.body_bytes_ += count;
    body.append(bytes, std::min(count, kKeptBody - body.size()));
    self.end_.cut = self.body_bytes_ > kReadBody;
    return self.end_.cut ? 0 : count;
  }
};

Transfer::Transfer(EgressContext& context) : CurlHandle(context), lines_(std::make_unique<Lines>()) {}
Transfer::~Transfer() = default;

const char* Transfer::refusal(const security::Address& address, std::uint16_t port) const {
  const auto& policy = context_.options.policy;
  if (const char* why = policy.refusal(address)) {
    return why;
  }
  if ((plain_ || !is_web_port(port)) && !policy.opened(address)) {
    return plain_ ? "plain http is not allowed" : "port not allowed";
  }
  return nullptr;
}

bool Transfer::request_left() const {
  long bytes = 0;
  curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &bytes);
  return bytes > 0;
}

bool Transfer::refuse(IoError error, std::string reason) {
  response_.error = error;
  response_.reason = std::move(reason);
  return false;
}

bool Transfer::check_request() {
  const ExchangeRequest& request = pending_.request;
  if (std::find(std::begin(kMethods), std::end(kMethods), request.method) == std::end(kMethods)) {
    return refuse(IoError::kInvalid, "the method is not POST, PUT, PATCH, GET or DELETE");
  }
  auto target = read_egress_url(request.url, context_.options.policy);
  if (!target) {
    const bool blocked = target.error().code == Errc::kForbidden;
    return refuse(blocked ? IoError::kBlocked : IoError::kInvalid, std::move(target.error().detail));
  }
  plain_ = target->plain;
  return true;
}

bool Transfer::write_lines() {
  const auto& headers = pending_.request.headers;
  if (headers.size() > kMostHeaders) {
    return refuse(IoError::kInvalid, "the request has more than 100 headers");
  }
  lines_->clear();
  bool has_type = false;
  for (const Header& header : headers) {
    if (std::string why = header_refusal(header.name, header.value); !why.empty()) {
      return refuse(IoError::kInvalid, std::move(why));
    }
    if (is_framing_header(header.name)) {
      return refuse(IoError::kInvalid,
                    "the request sets a header that only the host may set: " + header.name);
    }
    has_type = has_type || equal_ignoring_case(header.name, "content-type");
    lines_->add(header.name, header.value);
  }
  if (!has_type) {
    lines_->remove("Content-Type");  // libcurl would claim a form
  }
  lines_->remove("Expect");
  return true;
}

void Transfer::apply_options() {
  if (!renew()) {
    return;
  }
  set(easy_, CURLOPT_PRIVATE, this);
  set(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy_, CURLOPT_REDIR_PROTOCOLS_STR, "https");
  set(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy_, CURLOPT_PATH_AS_IS, 1L);
  set(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy_, CURLOPT_HTTP09_ALLOWED, 0L);
  set(easy_, CURLOPT_USERAGENT, context_.options.user_agent.c_str());
  set(easy_, CURLOPT_PREREQFUNCTION, &Callbacks::before_request);
  set(easy_, CURLOPT_PREREQDATA, this);
  set(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::take_header);
  set(easy_, CURLOPT_HEADERDATA, this);
  set(easy_, CURLOPT_WRITEFUNCTION, &Callbacks::take_body);
  set(easy_, CURLOPT_WRITEDATA, this);
}

void Transfer::apply_method() {
  const ExchangeRequest& request = pending_.request;
  const bool sends_body = !request.body.empty() || (request.method != "GET" && request.method != "DELETE");
  std::string_view implied = "GET";
  if (sends_body) {
    implied = "POST";
    set(easy_, CURLOPT_POST, 1L);
    set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy_, CURLOPT_POSTFIELDS, request.body.c_str());
  } else {
    set(easy_, CURLOPT_HTTPGET, 1L);
  }
  set(easy_, CURLOPT_CUSTOMREQUEST, request.method == implied ? nullptr : request.method.c_str());
}

bool Transfer::prepare(PendingExchange pending, std::int64_t now_us) {
  pending_ = std::move(pending);
  response_ = {};
  end_ = {};
  header_bytes_ = 0;
  body_bytes_ = 0;
  started_us_ = now_us;
  if (!check_request() || !write_lines()) {
    return false;
  }
  apply_options();
  apply_method();
  const std::int64_t left_ms = std::max<std::int64_t>(1, (pending_.deadline_us - now_us + 999) / 1000);
  set(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(left_ms));
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left_ms, kConnectTimeoutMs)));
  set(easy_, CURLOPT_HTTPHEADER, lines_->list());
  set(easy_, CURLOPT_URL, pending_.request.url.c_str());
  return true;
}

ExchangeResponse Transfer::finish(int code, std::int64_t now_us) {
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  note_end(code);
  end_.request_sent = request_left();
  const Failure failure = judge_end(end_);
  response_.error = failure.error;
  response_.reason = failure.reason;
  response_.request_sent = end_.request_sent;
  response_.status = status >= 200 ? static_cast<int>(status) : 0;  // 1xx is not an answer
  response_.body_truncated = body_bytes_ > response_.body.size();
  response_.duration_us = now_us - started_us_;
  return std::move(response_);
}

void Transfer::forget() {
  ExchangeRequest& request = pending_.request;
  ::explicit_bzero(request.url.data(), request.url.size());
  for (Header& header : request.headers) {
    ::explicit_bzero(header.value.data(), header.value.size());
  }
  ::explicit_bzero(lines_->text.data(), lines_->text.size());
  lines_->clear();
  pending_ = {};
}

ExchangeResponse Transfer::cancel(std::int64_t now_us) {
  response_ = finish(CURLE_ABORTED_BY_CALLBACK, now_us);
  response_.error = IoError::kCancelled;
  response_.reason = "the host stops";
  return std::move(response_);
}

}  // namespace tocsin::net
