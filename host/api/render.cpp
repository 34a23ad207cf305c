// See render.hpp.
#include "api/render.hpp"

#include "model/clock.hpp"
#include "model/json_text.hpp"

namespace tocsin::api {
namespace {

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  out += ",\"";
  out += name;
  out += "\":";
  out += std::to_string(value);
}

void append_time(std::string& out, std::string_view name, std::int64_t unix_ms) {
  if (unix_ms > 0) append_text(out, name, format_rfc3339(unix_ms));
}

void append_attempts(std::string& out, const std::vector<Attempt>& attempts) {
  out += ",\"attempts\":[";
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    if (i != 0) out += ',';
    append_attempt(out, attempts[i]);
  }
  out += ']';
}

void append_names(std::string& out, const std::vector<std::string>& names) {
  out += '[';
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0) out += ',';
    append_json_string(out, names[i]);
  }
  out += ']';
}

std::string_view kind_name(routing::Finding::Kind kind) {
  switch (kind) {
    case routing::Finding::Kind::kSubscription:
      return "subscription";
    case routing::Finding::Kind::kRule:
      return "rule";
    case routing::Finding::Kind::kDefault:
      return "default";
    case routing::Finding::Kind::kTest:
      return "test";
    case routing::Finding::Kind::kSilence:
      return "silence";
  }
  return "unknown";
}

}  // namespace

void append_text(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_string(out, text);
}

void append_texts(std::string& out, std::string_view name, std::span<const std::string> texts) {
  out += ",\"";
  out += name;
  out += "\":";
  append_json_texts(out, texts);
}

void append_pushed(std::string& out, const ingest::Pushed& pushed) {
  out += "{\"id\":";
  append_json_string(out, pushed.id);
  out += pushed.duplicate ? ",\"duplicate\":true,\"deliveries\":[" : ",\"duplicate\":false,\"deliveries\":[";
  for (std::size_t i = 0; i < pushed.deliveries.size(); ++i) {
    out += i == 0 ? "{\"id\":\"" : ",{\"id\":\"";
    out += format_delivery_id(pushed.deliveries[i].id);
    out += "\",\"channel\":";
    append_json_string(out, pushed.deliveries[i].channel);
    out += '}';
  }
  out += "]}";
}

void append_attempt(std::string& out, const Attempt& attempt) {
  out += "{\"number\":" + std::to_string(attempt.number);
  append_time(out, "started", attempt.started_ms);
  append_number(out, "duration_ms", (attempt.duration_us + 500) / 1000);
  append_text(out, "outcome", to_string(attempt.outcome.status));
  append_text(out, "code", attempt.outcome.code);
  if (!attempt.outcome.detail.empty()) append_text(out, "detail", attempt.outcome.detail);
  if (!attempt.outcome.provider_id.empty()) append_text(out, "provider_id", attempt.outcome.provider_id);
  if (attempt.http_status != 0) append_number(out, "http_status", attempt.http_status);
  if (!attempt.remote_address.empty()) append_text(out, "remote_address", attempt.remote_address);
  if (!attempt.response.empty()) append_text(out, "response", attempt.response);
  if (attempt.message != 0) {
    out += ",\"digest\":{\"id\":\"" + format_message_id(attempt.message) + '"';
    append_number(out, "events", attempt.events);
    out += '}';
  }
  out += '}';
}

void append_delivery(std::string& out, const store::DeliveryRecord& delivery,
                     const std::vector<Attempt>* attempts) {
  out += "{\"id\":\"" + format_delivery_id(delivery.id) + '"';
  append_text(out, "event", delivery.event_id);
  append_text(out, "event_type", delivery.event_type);
  append_text(out, "event_title", delivery.event_title);
  append_text(out, "severity", to_string(delivery.severity));
  append_text(out, "channel", delivery.channel_name);
  append_text(out, "channel_type", delivery.channel_type);
  append_text(out, "state", to_string(delivery.state));
  append_number(out, "tries", delivery.tries);
  if (!is_final(delivery.state)) append_time(out, "due", delivery.due_ms);
  append_time(out, "finished", delivery.finished_ms);
  if (!delivery.reason.empty()) append_text(out, "reason", delivery.reason);
  if (attempts != nullptr) append_attempts(out, *attempts);
  out += '}';
}

void append_channel(std::string& out, const delivery::ChannelStatus& channel) {
  out += "{\"team\":";
  append_json_string(out, channel.team);
  append_text(out, "name", channel.name);
  append_text(out, "type", channel.type);
  append_text(out, "state", channel.state);
  append_text(out, "reason", channel.reason);
  append_number(out, "in_flight", channel.in_flight);
  append_number(out, "queued", channel.queued);
  append_number(out, "backlog", channel.backlog);
  append_time(out, "last_success", channel.last_success_ms);
  append_time(out, "last_failure", channel.last_failure_ms);
  if (channel.last_failure_ms > 0) append_text(out, "last_failure_reason", channel.last_failure);
  append_time(out, "resumes", channel.resume_ms);
  out += '}';
}

boost::json::object summarize_event(const Event& event) {
  boost::json::object out{{"id", event.id},
                          {"type", event.type},
                          {"severity", to_string(event.severity)},
                          {"title", event.title},
                          {"received", format_rfc3339(event.received_ms)}};
  if (!event.source.empty()) out["source"] = event.source;
  return out;
}

std::string render_event(const store::EventRecord& record,
                         const std::vector<std::vector<Attempt>>& attempts) {
  std::string out = write_event_json(record.event);
  out.pop_back();  // its members, then ours
  append_time(out, "received", record.event.received_ms);
  append_text(out, "state", record.deliveries.empty() ? "unmatched" : "matched");
  out += ",\"deliveries\":[";
  for (std::size_t i = 0; i < record.deliveries.size(); ++i) {
    if (i != 0) out += ',';
    append_delivery(out, record.deliveries[i], &attempts[i]);
  }
  out += "]}";
  return out;
}

void append_explanation(std::string& out, const routing::Explanation& explanation) {
  out += "\"findings\":[";
  for (std::size_t i = 0; i < explanation.findings.size(); ++i) {
    const auto& finding = explanation.findings[i];
    out += i == 0 ? "{\"kind\":\"" : ",{\"kind\":\"";
    out += kind_name(finding.kind);
    out += '"';
    append_text(out, "name", finding.name);
    out += finding.matched ? ",\"matched\":true" : ",\"matched\":false";
    append_text(out, "reason", finding.reason);
    out += ",\"channels\":";
    append_names(out, finding.channels);
    out += '}';
  }
  out += "],\"channels\":";
  append_names(out, explanation.channels);
}

std::string render_explanation(const store::EventRecord& record, const routing::Explanation& explanation) {
  std::string out = "{\"id\":";
  append_json_string(out, record.event.id);
  append_text(out, "team", record.event.team);
  append_number(out, "generation", record.generation);
  out += ',';
  append_explanation(out, explanation);
  out += '}';
  return out;
}

}  // namespace tocsin::api
