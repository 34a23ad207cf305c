// HTTP for a plugin: from its submit to its callback. The record of the attempt is filled from the last
// answer, after every secret that the receiver might have echoed was taken out.
#include "plugin/guard.hpp"
#include "plugin/http_request.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::uint32_t kMostOfDelivery = 16;
constexpr std::size_t kMostOfInstance = 256;
constexpr std::size_t kKeptResponse = 20'000;

void replace_all(std::string& text, const std::string& what, std::string_view with) {
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

tocsin_status Instance::admit_locked(Handle handle, std::optional<Exchange*>& place) {
  if (closing_) return TOCSIN_E_CLOSING;
  LiveDelivery* live = live_.find(handle);
  if (live == nullptr || live->state != LiveDelivery::State::kRunning) return TOCSIN_E_STALE;
  if (live->exchanges >= kMostOfDelivery || exchanges_in_flight_ >= kMostOfInstance) return TOCSIN_E_BUSY;
  if (!place) return TOCSIN_OK;
  if (free_exchanges_.empty()) free_exchanges_.push_back(&exchanges_.emplace_back());
  place = free_exchanges_.back();
  free_exchanges_.pop_back();
  ++live->exchanges;
  ++exchanges_in_flight_;
  return TOCSIN_OK;
}

tocsin_status Instance::submit(Handle handle, const tocsin_http_request* request, tocsin_http_fn callback,
                               void* user) {
  if (callback == nullptr || request == nullptr) return TOCSIN_E_INVALID;
  std::optional<Exchange*> place;
  {
    const std::lock_guard lock(mutex_);
    const tocsin_status early = admit_locked(handle, place);
    if (early != TOCSIN_OK) return early;
  }
  HttpRequest read;
  tocsin_status status = read_http_request(request, services_.vault, owner_, egress_, read);
  if (status != TOCSIN_OK) return status;
  place.emplace(nullptr);
  {
    const std::lock_guard lock(mutex_);
    status = admit_locked(handle, place);
    if (status != TOCSIN_OK) return status;
    Exchange& exchange = **place;
    exchange.delivery = handle;
    exchange.callback = callback;
    exchange.user = user;
    exchange.credentials = std::move(read.credentials);
    exchange.has_secrets = read.has_secrets;
    exchange.answered = false;
    exchange.holders = 2;  // the engine and, in time, the answer
    exchange.owner = shared_from_this();
  }
  Exchange* const exchange = *place;
  if (!read.unsendable.empty()) {
    net::ExchangeResponse response;
    response.error = net::IoError::kInvalid;
    response.reason = std::move(read.unsendable);
    answered(*exchange, std::move(response), Wake::kNow);
    return TOCSIN_OK;
  }
  read.exchange.pool = owner_;
  services_.exchanges.submit(std::move(read.exchange), [exchange](net::ExchangeResponse response) {
    exchange->owner->answered(*exchange, std::move(response), Wake::kWithBatch);
  });
  return TOCSIN_OK;
}

// [egress], or the plugin's thread where nothing was sent.
void Instance::answered(Exchange& exchange, net::ExchangeResponse response, Wake wake) {
  std::shared_ptr<Instance> self;  // outlives the lock
  const std::lock_guard lock(mutex_);
  self = std::move(exchange.owner);
  const bool cancelled = exchange.answered;
  if (!cancelled) {
    exchange.response = std::move(response);
    exchange.answered = true;
    strand_->post({Task::Kind::kAnswer, 0, &exchange}, wake);
  }
  let_go_locked(exchange);
}

void Instance::let_go_locked(Exchange& exchange) {
  if (--exchange.holders > 0) return;
  exchange.response = {};
  exchange.credentials.clear();
  exchange.fields.clear();
  free_exchanges_.push_back(&exchange);
}

// Of one delivery, or with 0 of all. What the engine still brings is dropped.
void Instance::cancel_exchanges_locked(Handle handle, std::vector<Task>& tasks) {
  if (exchanges_in_flight_ == 0) return;
  for (Exchange& exchange : exchanges_) {
    if (exchange.holders == 0 || exchange.answered) continue;
    if (handle != 0 && exchange.delivery != handle) continue;
    exchange.response = {};
    exchange.response.error = net::IoError::kCancelled;
    exchange.response.reason = "the attempt is over";
    exchange.response.request_sent = true;  // it may have left
    exchange.answered = true;
    tasks.push_back({Task::Kind::kAnswer, 0, &exchange});
  }
}

// Takes out what the receiver echoed of the secrets it was sent, and any secret from the body.
void Instance::clean(Exchange& exchange) const {
  net::ExchangeResponse& response = exchange.response;
  if (!response.body.empty() && !gone_) services_.vault.redact(owner_, response.body);
  if (exchange.has_secrets && !gone_) {
    for (auto& header : response.headers) services_.vault.redact(owner_, header.value);
  }
  if (exchange.credentials.empty()) return;
  replace_all(response.body, exchange.credentials, "[redacted]");
  for (auto& header : response.headers) replace_all(header.value, exchange.credentials, "[redacted]");
}

void Instance::answer(Exchange& exchange) {
  clean(exchange);
  const net::ExchangeResponse& response = exchange.response;
  {
    const std::lock_guard lock(mutex_);
    LiveDelivery* live = live_.find(exchange.delivery);
    if (live != nullptr && live->state == LiveDelivery::State::kRunning) {
      live->facts.http_status = response.status;
      live->facts.remote_address = response.remote_address;
      live->facts.response = repair_text(response.body, kKeptResponse);
      live->facts.reason = response.reason;
    }
  }
  exchange.fields.clear();
  for (const auto& header : response.headers) {
    exchange.fields.push_back({c_view(header.name), {header.value.data(), header.value.size()}});
  }
  tocsin_http_response out{};
  out.size = sizeof out;
  out.io_error = static_cast<std::uint32_t>(response.error);
  out.status = response.status;
  out.request_sent = response.request_sent ? 1 : 0;
  out.retry_after_ms =
      response.headers.empty() ? -1 : net::parse_retry_after_ms(response.headers, services_.clock.unix_ms());
  out.elapsed_ms = static_cast<std::uint32_t>(response.duration_us / 1000);
  out.body_truncated = response.body_truncated ? 1 : 0;
  out.headers = exchange.fields.empty() ? nullptr : exchange.fields.data();
  out.n_headers = exchange.fields.size();
  out.body = c_view(response.body);
  const Handle handle = exchange.delivery;
  const auto thrown = guard([&] { exchange.callback(plugin_, to_delivery(handle), &out, exchange.user); });
  {
    const std::lock_guard lock(mutex_);
    --exchanges_in_flight_;
    if (LiveDelivery* live = live_.find(handle)) --live->exchanges;
    let_go_locked(exchange);
  }
  if (thrown) end_as_fault(handle, "plugin.threw", "threw from its HTTP callback: " + *thrown);
}

}  // namespace tocsin::plugin
