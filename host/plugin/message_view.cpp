// See message_view.hpp.
#include "plugin/message_view.hpp"

#include <boost/json/parse.hpp>

#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {
constexpr std::size_t kKeptCapacity = 16 * 1024;
}

void MessageView::build(const Job& job, std::uint32_t type_flags) {
  events_.clear();
  first_.build(*job.event, type_flags);
  events_.push_back(&first_.event);
  for (const EventPtr& event : job.more) {
    more_.emplace_back().build(*event, type_flags);
    events_.push_back(&more_.back().event);
  }
  id_ = job.message == 0 ? format_delivery_id(job.delivery) : format_message_id(job.message);
  carry_ = job.carry;
  message_ = {};
  message_.size = sizeof message_;
  message_.attempt = job.attempt;
  if (job.test) message_.flags |= TOCSIN_TEST;
  if (!job.more.empty()) message_.flags |= TOCSIN_DIGEST;
  message_.deadline_unix_ms = job.deadline_unix_ms;
  message_.id = c_view(id_);
  message_.events = events_.data();
  message_.n_events = events_.size();
  if (!carry_.empty()) message_.carry = c_view(carry_);
}

void MessageView::EventView::build(const Event& from, std::uint32_t type_flags) {
  json = write_event_json(from);
  labels.clear();
  for (const Label& label : from.labels) {
    labels.push_back({c_view(label.key), {label.value.data(), label.value.size()}});
  }
  event = {};
  event.size = sizeof event;
  event.severity = static_cast<std::uint32_t>(from.severity);
  event.category = static_cast<std::uint32_t>(from.category) + 1;
  event.time_unix_ms = from.occurred_ms;
  event.id = c_view(from.id);
  event.team = c_view(from.team);
  event.type = c_view(from.type);
  event.source = c_view(from.source);
  event.title = c_view(from.title);
  event.summary = c_view(from.summary);
  event.link = c_view(from.link);
  event.labels = labels.empty() ? nullptr : labels.data();
  event.n_labels = labels.size();
  event.json = c_view(json);
  data.reset();
  if (from.data.empty() || from.data == "{}") return;
  event.data.json = c_view(from.data);
  if ((type_flags & TOCSIN_FLAT_DATA) == 0) return;
  boost::json::error_code error;
  const auto parsed = boost::json::parse(from.data, error);
  if (error) return;  // intake has read it once; a text that fails here has no flat view
  data = std::make_unique<FlatDocument>(parsed);
  event.data.flat = data->view().flat;
  event.data.n_flat = data->view().n_flat;
}

void MessageView::EventView::clear() {
  data.reset();
  if (json.capacity() > kKeptCapacity) json = {};
}

void MessageView::clear() {
  first_.clear();
  if (more_.empty()) return;
  more_.clear();
  events_ = {};
}

}  // namespace tocsin::plugin
