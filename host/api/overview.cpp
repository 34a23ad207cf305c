// GET …/overview: the last hour of a team in numbers. How its channels are says …/channels. See service.hpp
// for threads.
#include <algorithm>
#include <boost/json.hpp>

#include "api/service.hpp"
#include "net/problem.hpp"

namespace tocsin::api {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::size_t kMinutes = 60;

json::array write_counts(const std::vector<std::int64_t>& counts) {
  return json::array(counts.begin(), counts.end());
}

std::string render_overview(const store::Activity& activity, const store::ActivityFilter& filter,
                            const std::vector<std::string>& names, std::int64_t now_ms) {
  json::array channels;
  for (std::size_t i = 0; i < activity.channels.size(); ++i) {
    const auto& channel = activity.channels[i];
    json::object out{{"name", names[i]}, {"delivered", channel.delivered}, {"failed", channel.failed}};
    // What is due later waits for nothing but its time.
    const bool waits = channel.oldest_due_ms != 0 && channel.oldest_due_ms < now_ms;
    if (waits) out["due_since"] = format_rfc3339(channel.oldest_due_ms);
    channels.push_back(std::move(out));
  }
  json::object out{{"from", format_rfc3339(filter.from_ms)},  {"complete", activity.complete},
                   {"events", write_counts(activity.events)}, {"delivered", write_counts(activity.delivered)},
                   {"failed", write_counts(activity.failed)}, {"channels", std::move(channels)}};
  if (const auto& took = activity.took; took.total() > 0) {
    out["time_to_deliver_ms"] = json::object{{"p50", took.percentile(50)}, {"p95", took.percentile(95)}};
  }
  return json::serialize(out);
}

}  // namespace

void Service::add_overview_endpoint() {
  endpoints_.push_back({"GET", "/v1/teams/{team}/overview", security::Permission::kManageIntegrations,
                        [this](Call call, net::Responder to) { get_overview(call, std::move(to)); }});
}

void Service::get_overview(const Call& call, net::Responder responder) {
  const auto* team = find_team(call, responder);
  if (team == nullptr) return;
  const std::int64_t now_ms = with_.clock.unix_ms();
  store::ActivityFilter filter;
  filter.team = team->id;
  filter.channels = team->channels;
  filter.minutes = kMinutes;
  // Whole minutes; the last one is the one that runs.
  filter.from_ms = (now_ms / kMinuteMs + 1) * kMinuteMs - static_cast<std::int64_t>(kMinutes) * kMinuteMs;
  std::vector<std::string> names;
  for (const auto& channel : team->rules->definition().channels) names.push_back(channel.name);
  answer_reading(call, std::move(responder),
                 [filter = std::move(filter), names = std::move(names), now_ms,
                  &book = with_.writer.activity()](store::Reader& reader) -> Result<std::string> {
                   const auto due = reader.list_oldest_due(filter.channels);
                   if (!due) return due.error();
                   store::Activity activity = book.summarize(filter);
                   for (std::size_t i = 0; i < due->size(); ++i)
                     activity.channels[i].oldest_due_ms = (*due)[i];
                   return render_overview(activity, filter, names, now_ms);
                 });
}

}  // namespace tocsin::api
