// POST …/rules/preview: which of the last days' events a rule would have matched, were it there. The rule is
// read and refused like one that is saved; nothing is stored and nothing sent. See service.hpp for threads.
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "api/json_body.hpp"
#include "api/render.hpp"
#include "api/service.hpp"
#include "model/json_text.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;
using routing::RuleSet;
using routing::TeamDefinition;

constexpr std::size_t kEventsAtOnce = 2'000;  // one page: some tens of milliseconds of a reading thread
constexpr std::size_t kMostExamples = 10;
constexpr std::int64_t kDefaultSpanMs = std::int64_t{7} * 24 * 3'600'000;
constexpr std::string_view kUnnamed = "preview";

struct PreviewRequest {
  json::object rule;
  std::string name;
  std::int64_t since_ms = 0;
  EventSeq before = 0;
};

Result<PreviewRequest> read_preview(const std::string& body, std::int64_t now_ms) {
  auto parsed = read_object(body, R"(a JSON object with the rule: {"rule":{"channels":["ops"]}})");
  if (!parsed) return parsed.error();
  PreviewRequest request;
  request.since_ms = now_ms - kDefaultSpanMs;
  for (auto& member : *parsed) {
    const std::string name(member.key());
    if (name == "rule") {
      if (!member.value().is_object()) return bad_place("/rule", "must be a rule, as it would be saved");
      request.rule = member.value().get_object();
    } else if (name == "since") {
      if (!member.value().is_string() ||
          !parse_rfc3339(std::string_view(member.value().get_string()), request.since_ms)) {
        return bad_place("/since", kTimeWanted);
      }
    } else if (name == "cursor") {
      const auto before = member.value().is_string()
                              ? parse_event_id(std::string_view(member.value().get_string()))
                              : std::nullopt;
      if (!before) return bad_place("/cursor", "is not one this API gave out");
      request.before = *before;
    } else {
      return bad_place(pointer_to(name), "is not a member here: rule, since, cursor");
    }
  }
  if (!parsed->contains("rule")) return bad_place("/rule", "is missing: give the rule to try");
  const auto* name = request.rule.if_contains("name");
  const bool is_named = name != nullptr && name->is_string() && !name->get_string().empty();
  request.name = is_named ? std::string(name->get_string()) : std::string(kUnnamed);
  request.rule.erase("name");
  return request;
}

// What has to be known to judge an event: the team without and with the rule, and the rule alone.
struct Trial {
  std::shared_ptr<const RuleSet> before;
  std::shared_ptr<const RuleSet> after;
  std::shared_ptr<const RuleSet> alone;
};

// `error` of the rule, with pointers into the request's body.
Error place_in_request(Error error) {
  for (FieldError& field : error.fields) field.pointer.insert(0, "/rule");
  if (!error.fields.empty()) {
    error.detail = error.fields.front().pointer + ": " + error.fields.front().message;
  }
  return error;
}

Result<Trial> make_trial(const ingest::TeamRoutes& team, const std::shared_ptr<const Catalogue>& catalogue,
                         const DraftRule& draft, const PreviewRequest& request) {
  auto with = draft(team.rules->definition(), request.name, json::serialize(request.rule), catalogue);
  if (!with) return place_in_request(with.error());
  TeamDefinition alone;
  alone.name = with->name;
  alone.channels = with->channels;
  for (auto& channel : alone.channels) {
    channel.subscription.clear();
    channel.is_default = false;
  }
  alone.rules = {*std::ranges::find(with->rules, request.name, &routing::RuleDefinition::name)};
  auto after_rules = RuleSet::compile(std::move(*with), catalogue);
  auto alone_rules = RuleSet::compile(std::move(alone), catalogue);
  if (!after_rules) return after_rules.error();
  if (!alone_rules) return alone_rules.error();
  return Trial{team.rules, std::make_shared<const RuleSet>(std::move(*after_rules)),
               std::make_shared<const RuleSet>(std::move(*alone_rules))};
}

struct Verdict {
  std::size_t looked_at = 0;
  std::size_t matched = 0;
  std::size_t changed = 0;                    // of those: they would go to other channels than now
  std::size_t unsent = 0;                     // of those: they go nowhere now
  std::map<std::string, std::size_t> also{};  // where they go now
  std::vector<const Event*> examples{};       // the newest
};

Verdict judge(const Trial& trial, const std::vector<Event>& events) {
  Verdict verdict;
  std::vector<std::uint32_t> chosen, now, then;
  for (const Event& event : events) {
    if (event.type == kTestEventType) continue;  // no rule ever sees it
    ++verdict.looked_at;
    trial.alone->plan(event, chosen);
    if (chosen.empty()) continue;
    trial.before->plan(event, now);
    trial.after->plan(event, then);
    ++verdict.matched;
    if (now != then) ++verdict.changed;
    if (now.empty()) ++verdict.unsent;
    for (const auto position : now) ++verdict.also[trial.before->definition().channels[position].name];
    if (verdict.examples.size() < kMostExamples) verdict.examples.push_back(&event);
  }
  return verdict;
}

std::string render_verdict(const PreviewRequest& request, const store::EventPage& page,
                           const Verdict& verdict) {
  json::array also, examples;
  for (const auto& [channel, events] : verdict.also) {
    also.push_back(json::object{{"channel", channel}, {"events", events}});
  }
  for (const Event* event : verdict.examples) examples.push_back(summarize_event(*event));
  const json::object out{{"since", format_rfc3339(request.since_ms)},
                         {"looked_at", verdict.looked_at},
                         {"matched", verdict.matched},
                         {"changed", verdict.changed},
                         {"unsent", verdict.unsent},
                         {"also", std::move(also)},
                         {"events", std::move(examples)},
                         {"next", page.next == 0 ? json::value() : json::value(format_event_id(page.next))}};
  return json::serialize(out);
}

}  // namespace

void Service::add_preview_endpoint() {
  endpoints_.push_back({"POST", "/v1/teams/{team}/rules/preview", security::Permission::kManageIntegrations,
                        [this](Call call, net::Responder to) { preview_rule(call, std::move(to)); }});
}

void Service::preview_rule(const Call& call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  auto request = read_preview(call.request.body, with_.clock.unix_ms());
  auto trial = request ? make_trial(*team, with_.intake.table()->catalogue, with_.draft_rule, *request)
                       : Result<Trial>(request.error());
  if (!trial) {
    responder.send(net::make_problem(trial.error(), call.request.id));
    return;
  }
  answer_reading(
      call, std::move(responder),
      [request = std::move(*request), trial = std::move(*trial),
       team = team->id](store::Reader& reader) -> Result<std::string> {
        const auto page = reader.list_events(
            {.team = team, .since_ms = request.since_ms, .before = request.before, .limit = kEventsAtOnce});
        if (!page) return page.error();
        return render_verdict(request, *page, judge(trial, page->events));
      });
}

}  // namespace tocsin::api
