// /v1/events: push, look up, explain. See service.hpp for threads.
#include "api/events.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "api/render.hpp"
#include "api/service.hpp"
#include "net/problem.hpp"
#include "routing/rule_set.hpp"

namespace tocsin::api {
namespace {

constexpr std::size_t kMaxKey = 256;

enum class BodyForm { kJson, kLines, kUnknown };

BodyForm body_form(std::string_view content_type) {
  const auto type = content_type.substr(0, content_type.find(';'));
  std::string lower;
  for (const char c : type) {
    if (c != ' ' && c != '\t') lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (lower == "application/json") return BodyForm::kJson;
  if (lower == "application/x-ndjson" || lower == "application/ndjson") return BodyForm::kLines;
  return BodyForm::kUnknown;
}

// Text that is no JSON is a malformed request (400); JSON that is no event is one that cannot be processed
// (422).
bool is_malformed(const Error& error) {
  return error.code == Errc::kInvalid && error.fields.empty();
}

// 1 to 256 visible characters; the quotes of a structured-field string are taken off.
bool read_key(std::string_view header, std::string& key) {
  if (header.size() >= 2 && header.front() == '"' && header.back() == '"')
    header = header.substr(1, header.size() - 2);
  if (header.empty() || header.size() > kMaxKey) return false;
  if (std::any_of(header.begin(), header.end(), [](char c) { return c < 0x21 || c > 0x7e; })) return false;
  key = header;
  return true;
}

net::HttpResponse single_answer(const Result<ingest::Pushed>& result, std::string_view request_id) {
  if (!result) return make_event_problem(result.error(), request_id);
  net::HttpResponse response;
  response.status = 202;
  append_pushed(response.body, *result);
  response.headers.push_back({"Location", "/v1/events/" + encode_segment(result->id)});
  return response;
}

// The members of a batch's answer, without the braces: each result has its own status.
std::string batch_members(const std::vector<Result<ingest::Pushed>>& results, std::size_t accepted,
                          std::string_view request_id) {
  std::string out = "\"accepted\":" + std::to_string(accepted) +
                    ",\"refused\":" + std::to_string(results.size() - accepted) + ",\"results\":[";
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (i != 0) out += ',';
    if (results[i]) {
      out += "{\"status\":202,\"event\":";
      append_pushed(out, *results[i]);
    } else {
      const auto problem = make_event_problem(results[i].error(), request_id);
      out += "{\"status\":" + std::to_string(problem.status) + ",\"problem\":" + problem.body;
    }
    out += '}';
  }
  return out += ']';
}

// 202 where at least one event was taken. All refused: a problem of the first one's kind that has the results
// besides.
net::HttpResponse batch_answer(const std::vector<Result<ingest::Pushed>>& results,
                               std::string_view request_id) {
  const auto accepted = static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const auto& result) { return result.has_value(); }));
  const std::string members = batch_members(results, accepted, request_id);
  net::HttpResponse response;
  if (accepted > 0 || results.empty()) {
    response.status = 202;
    response.body = '{' + members + '}';
    return response;
  }
  Error first = results.front().error();
  first.detail = "none of the " + std::to_string(results.size()) +
                 " events was taken; results has a problem for each, the first one says: " + first.detail;
  for (auto& field : first.fields) field.pointer.insert(0, "/0");
  response = make_event_problem(first, request_id);
  response.body.pop_back();
  response.body += ',' + members + '}';
  return response;
}

// What a reading thread needs to answer about one event.
struct EventLookup {
  std::string id;
  std::string request_id;
  std::optional<std::vector<TeamId>> teams;  // nullopt: all
  net::Responder responder;
};

// The event, or the answer was given: 404 also where it is another team's.
std::optional<store::EventRecord> find_visible(store::Reader& reader, EventLookup& lookup) {
  if (lookup.teams && lookup.teams->empty()) {
    lookup.responder.send(net::make_problem(make_error(Errc::kNotFound, "no such event"), lookup.request_id));
    return std::nullopt;
  }
  auto found = reader.find_event(
      lookup.id, lookup.teams ? std::span<const TeamId>(*lookup.teams) : std::span<const TeamId>());
  if (!found) {
    lookup.responder.send(net::make_problem(found.error(), lookup.request_id));
    return std::nullopt;
  }
  if (!*found) {
    lookup.responder.send(net::make_problem(
        make_error(Errc::kNotFound,
                   "no such event; events are kept as long as the operator's retention says"),
        lookup.request_id));
    return std::nullopt;
  }
  return std::move(**found);
}

void answer_event(store::Reader& reader, EventLookup& lookup) {
  const auto record = find_visible(reader, lookup);
  if (!record) return;
  std::vector<std::vector<Attempt>> attempts;
  for (const auto& delivery : record->deliveries) {
    auto list = reader.list_attempts(delivery.id);
    if (!list) {
      lookup.responder.send(net::make_problem(list.error(), lookup.request_id));
      return;
    }
    attempts.push_back(std::move(*list));
  }
  net::HttpResponse response;
  response.body = render_event(*record, attempts);
  lookup.responder.send(std::move(response));
}

// A test message has no rules to ask: it went to the channel that was tested.
std::string explain_test(const store::EventRecord& record) {
  routing::Explanation explanation;
  for (const auto& delivery : record.deliveries) {
    explanation.channels.push_back(delivery.channel_name);
    explanation.findings.push_back({routing::Finding::Kind::kTest,
                                    delivery.channel_name,
                                    true,
                                    "a test message goes to the channel that is tested and to no other",
                                    {delivery.channel_name}});
  }
  return render_explanation(record, explanation);
}

// The rules that were in force when the event came are kept by generation, so the decision is made again,
// with reasons.
Result<std::string> explain(store::Reader& reader, const store::EventRecord& record,
                            std::shared_ptr<const Catalogue> catalogue) {
  if (record.event.type == kTestEventType) return explain_test(record);
  auto definition = reader.find_generation(record.generation);
  if (!definition) return definition.error();
  if (!*definition) {
    return make_error(Errc::kNotFound, "the rules that were in force for this event are no longer stored");
  }
  auto team = routing::read_definition(**definition);
  if (!team) return team.error();
  auto rules = routing::RuleSet::compile(std::move(*team), std::move(catalogue));
  if (!rules) {
    return make_error(Errc::kConflict,
                      "the rules of then do not fit today's event types: " + rules.error().detail);
  }
  return render_explanation(record, rules->explain(record.event));
}

}  // namespace

net::HttpResponse make_event_problem(const Error& error, std::string_view request_id) {
  return is_malformed(error) ? net::make_problem(400, "malformed", error.detail, {}, request_id)
                             : net::make_problem(error, request_id);
}

void Service::add_event_endpoints() {
  using security::Permission;
  endpoints_.push_back({"POST", "/v1/events", Permission::kPushEvents, [this](Call call, net::Responder to) {
                          post_event(std::move(call), std::move(to));
                        }});
  endpoints_.push_back({"GET", "/v1/events/{id}", Permission::kReadEvents,
                        [this](Call call, net::Responder to) { get_event(std::move(call), std::move(to)); }});
  endpoints_.push_back(
      {"GET", "/v1/events/{id}/explain", Permission::kReadEvents,
       [this](Call call, net::Responder to) { explain_event(std::move(call), std::move(to)); }});
}

void Service::post_event(Call call, net::Responder responder) {
  const auto& request = call.request;
  if (draining_) {
    responder.send(net::make_problem(
        make_error(Errc::kUnavailable, "the daemon is stopping: send it again shortly"), request.id));
    return;
  }
  const auto form = body_form(request.header("content-type"));
  const auto encoding = request.header("content-encoding");
  if (form == BodyForm::kUnknown || !(encoding.empty() || encoding == "identity")) {
    responder.send(net::make_problem(make_error(Errc::kUnsupported,
                                                "send Content-Type: application/json (one event or an array) "
                                                "or application/x-ndjson, uncompressed"),
                                     request.id));
    return;
  }
  std::string key;
  const auto key_header = request.header("idempotency-key");
  if (!key_header.empty() && !read_key(key_header, key)) {
    responder.send(net::make_problem(
        400, "malformed", "Idempotency-Key must be 1 to 256 visible ASCII characters", {}, request.id));
    return;
  }
  const std::string_view body = request.body;
  const auto first = body.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    responder.send(net::make_problem(400, "malformed", "the body is empty: send an event as a JSON object",
                                     {}, request.id));
    return;
  }
  const bool many = form == BodyForm::kLines || body[first] == '[';
  Result<std::vector<std::string_view>> texts = std::vector<std::string_view>{body};
  if (form == BodyForm::kLines) {
    texts = ingest::split_lines(body, with_.intake.limits());
  } else if (many) {
    texts = ingest::split_array(body, with_.intake.limits());
  }
  if (!texts) {
    responder.send(make_event_problem(texts.error(), request.id));
    return;
  }
  const ingest::PushRight right{call.principal->role == security::Role::kOperator, &call.principal->teams};
  auto done = [many, request_id = request.id, to = std::make_shared<net::Responder>(std::move(responder))](
                  std::vector<Result<ingest::Pushed>> results) {
    to->send(many ? batch_answer(results, request_id) : single_answer(results.front(), request_id));
  };
  with_.intake.push(*texts, right, key, std::move(done));
}

void Service::get_event(Call call, net::Responder responder) {
  auto lookup = std::make_shared<EventLookup>(
      EventLookup{call.arguments[0], call.request.id, visible_teams(*call.principal), std::move(responder)});
  with_.readers.run([lookup](store::Reader& reader) { answer_event(reader, *lookup); });
}

void Service::explain_event(Call call, net::Responder responder) {
  auto lookup = std::make_shared<EventLookup>(
      EventLookup{call.arguments[0], call.request.id, visible_teams(*call.principal), std::move(responder)});
  with_.readers.run([lookup, catalogue = with_.intake.table()->catalogue](store::Reader& reader) {
    const auto record = find_visible(reader, *lookup);
    if (!record) return;
    auto explanation = explain(reader, *record, catalogue);
    if (!explanation) {
      lookup->responder.send(net::make_problem(explanation.error(), lookup->request_id));
      return;
    }
    net::HttpResponse response;
    response.body = std::move(*explanation);
    lookup->responder.send(std::move(response));
  });
}

}  // namespace tocsin::api
