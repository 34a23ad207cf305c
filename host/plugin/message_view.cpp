// See message_view.hpp.
#include "plugin/message_view.hpp"

#include <boost/json/parse.hpp>

#include "plugin/plain_text.hpp"

namespace tocsin::plugin {

namespace {
constexpr std::size_t kKeptCapacity = 16 * 1024;
}

void MessageView::build(const Job& job, std::uint32_t type_flags) {
  build_event(*job.event, type_flags);
  events_[0] = &event_;
  id_ = format_delivery_id(job.delivery);
  message_ = {};
  message_.size = sizeof message_;
  message_.attempt = job.attempt;
  message_.flags = job.test ? TOCSIN_TEST : 0;
  message_.deadline_unix_ms = job.deadline_unix_ms;
  message_.id = c_view(id_);
  message_.events = events_;
  message_.n_events = 1;
}

void MessageView::build_event(const Event& event, std::uint32_t type_flags) {
  json_ = write_event_json(event);
  labels_.clear();
  for (const Label& label : event.labels) {
    labels_.push_back({c_view(label.key), {label.value.data(), label.value.size()}});
  }
  event_ = {};
  event_.size = sizeof event_;
  event_.severity = static_cast<std::uint32_t>(event.severity);
  event_.category = static_cast<std::uint32_t>(event.category) + 1;
  event_.time_unix_ms = event.occurred_ms;
  event_.id = c_view(event.id);
  event_.team = c_view(event.team);
  event_.type = c_view(event.type);
  event_.source = c_view(event.source);
  event_.title = c_view(event.title);
  event_.summary = c_view(event.summary);
  event_.link = c_view(event.link);
  event_.labels = labels_.empty() ? nullptr : labels_.data();
  event_.n_labels = labels_.size();
  event_.json = c_view(json_);
  data_.reset();
  if (event.data.empty() || event.data == "{}") return;
  event_.data.json = c_view(event.data);
  if ((type_flags & TOCSIN_FLAT_DATA) == 0) return;
  boost::json::error_code error;
  const auto data = boost::json::parse(event.data, error);
  if (error) return;  // intake has read it once; a text that fails here has no flat view
  data_ = std::make_unique<FlatDocument>(data);
  event_.data.flat = data_->view().flat;
  event_.data.n_flat = data_->view().n_flat;
}

void MessageView::clear() {
  data_.reset();
  if (json_.capacity() > kKeptCapacity) json_ = {};
}

}  // namespace tocsin::plugin
