// HTTP for a plugin: from its submit to its callback. The record of the attempt is filled from the last
// answer, after every secret that the receiver might have echoed was taken out.
#include "plugin/guard.hpp"
#include "plugin/http_request.hpp"
#include "plugin/instance.hpp"
#include "plugin/misuse.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::uint32_t kMostOfDelivery = 16;
constexpr std::size_t kMostOfInstance = 256;
constexpr std::size_t kKeptResponse = 20'000;

}  // namespace

tocsin_status Instance::admit_locked(Handle handle) {
  if (closing_) return TOCSIN_E_CLOSING;
  const LiveDelivery* live = live_.find(handle);
  if (live == nullptr || live->state != LiveDelivery::State::kRunning) return TOCSIN_E_STALE;
  if (live->exchanges >= kMostOfDelivery || exchanges_in_flight_ >= kMostOfInstance) return TOCSIN_E_BUSY;
  return TOCSIN_OK;
}

// A first look: what is refused anyway need not be read and copied.
tocsin_status Instance::admit(Handle handle) {
  const std::lock_guard lock(mutex_);
  return admit_locked(handle);
}

// What is particular to the protocol the caller fills in before it lets go of the lock.
tocsin_status Instance::take_place_locked(Handle handle, void* user, Exchange*& place) {
  const tocsin_status status = admit_locked(handle);
  if (status != TOCSIN_OK) return status;
  if (free_exchanges_.empty()) free_exchanges_.push_back(&exchanges_.emplace_back());
  place = free_exchanges_.back();
  free_exchanges_.pop_back();
  ++live_.find(handle)->exchanges;
  ++exchanges_in_flight_;
  place->delivery = handle;
  place->user = user;
  place->answered = false;
  place->holders = 2;  // the engine and, in time, the answer
  place->owner = shared_from_this();
  return TOCSIN_OK;
}

tocsin_status Instance::submit(Handle handle, const tocsin_http_request* request, tocsin_http_fn callback,
                               void* user) {
  if (callback == nullptr || request == nullptr) return TOCSIN_E_INVALID;
  tocsin_status status = admit(handle);
  if (status != TOCSIN_OK) return status;
  HttpRequest read;
  status = read_http_request(request, services_.vault, owner_, egress_, read);
  if (status != TOCSIN_OK) return status;
  if (request->body_secrets == TOCSIN_BODY_NONE && holds_token(view(request->body))) {
    note_fault("sends the token of a secret and does not say in body_secrets how the host shall write it");
  }
  Exchange* exchange = nullptr;
  {
    const std::lock_guard lock(mutex_);
    status = take_place_locked(handle, user, exchange);
    if (status != TOCSIN_OK) return status;
    exchange->callback = callback;
    if (!read.credentials.empty()) exchange->credentials.push_back(std::move(read.credentials));
    exchange->has_secrets = read.has_secrets;
  }
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
  if (!exchange.answered) exchange.response = std::move(response);
  settle_locked(exchange, wake);
}

void Instance::settle_locked(Exchange& exchange, Wake wake) {
  if (!exchange.answered) {
    exchange.answered = true;
    strand_->post({Task::Kind::kAnswer, 0, &exchange}, wake);
  }
  let_go_locked(exchange);
}

void Instance::let_go_locked(Exchange& exchange) {
  if (--exchange.holders > 0) return;
  exchange.credentials.clear();
  exchange.has_secrets = false;
  exchange.callback = nullptr;
  exchange.response = {};
  exchange.fields.clear();
  exchange.mail_callback = nullptr;
  exchange.mail = {};
  exchange.recipients.clear();
  free_exchanges_.push_back(&exchange);
}

// Of one delivery, or with 0 of all. What the engine still brings is dropped.
void Instance::cancel_exchanges_locked(Handle handle, std::vector<Task>& tasks) {
  if (exchanges_in_flight_ == 0) return;
  for (Exchange& exchange : exchanges_) {
    if (exchange.holders == 0 || exchange.answered) continue;
    if (handle != 0 && exchange.delivery != handle) continue;
    constexpr const char* kReason = "the attempt is over";
    if (exchange.mail_callback != nullptr) {  // any of it may have left
      exchange.mail.error = net::IoError::kCancelled;
      exchange.mail.reason = kReason;
      exchange.mail.stage = net::MailStage::kDot;
      exchange.mail.content_sent = true;
      exchange.mail.recipients.assign(exchange.recipients.size(), {net::MailStage::kDot, {}});
    } else {
      exchange.response = {};
      exchange.response.error = net::IoError::kCancelled;
      exchange.response.reason = kReason;
      exchange.response.request_sent = true;
    }
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
  for (const auto& credentials : exchange.credentials) {
    replace_all(response.body, credentials, "[redacted]");
    for (auto& header : response.headers) replace_all(header.value, credentials, "[redacted]");
  }
}

void Instance::keep_facts(Handle handle, ExchangeFacts facts) {
  const std::lock_guard lock(mutex_);
  LiveDelivery* live = live_.find(handle);
  if (live != nullptr && live->state == LiveDelivery::State::kRunning) live->facts = std::move(facts);
}

void Instance::end_exchange(Exchange& exchange, const std::optional<std::string>& thrown) {
  const Handle handle = exchange.delivery;
  const char* const protocol = exchange.mail_callback != nullptr ? "mail" : "HTTP";
  {
    const std::lock_guard lock(mutex_);
    --exchanges_in_flight_;
    if (LiveDelivery* live = live_.find(handle)) --live->exchanges;
    let_go_locked(exchange);
  }
  if (thrown) {
    end_as_fault(handle, "plugin.threw", std::string("threw from its ") + protocol + " callback: " + *thrown);
  }
}

void Instance::answer(Exchange& exchange) {
  if (exchange.mail_callback != nullptr) {
    answer_mail(exchange);
  } else {
    answer_http(exchange);
  }
}

void Instance::answer_http(Exchange& exchange) {
  clean(exchange);
  const net::ExchangeResponse& response = exchange.response;
  keep_facts(exchange.delivery, {response.status, response.remote_address,
                                 repair_text(response.body, kKeptResponse), response.reason});
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
  end_exchange(exchange, guard([&] {
                 exchange.callback(plugin_, to_delivery(exchange.delivery), &out, exchange.user);
               }));
}

}  // namespace tocsin::plugin
