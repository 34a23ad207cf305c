// See frames.hpp.
#include "inbox/frames.hpp"

#include <charconv>

#include "model/clock.hpp"
#include "model/ids.hpp"
#include "model/json_text.hpp"

namespace tocsin::inbox {
namespace {

// One "data:" for each line, whichever of the three line ends it has.
void append_data(std::string& out, std::string_view data) {
  while (true) {
    const auto end = data.find_first_of("\r\n");
    out.append("data: ").append(data.substr(0, end)) += '\n';
    if (end == std::string_view::npos) return;
    data.remove_prefix(end + (data.substr(end, 2) == "\r\n" ? 2 : 1));
  }
}

}  // namespace

std::string sse_frame(std::string_view event, std::string_view data, std::optional<InboxSeq> id) {
  std::string out;
  out.reserve(data.size() + event.size() + 48);
  if (id) out.append("id: ").append(std::to_string(*id)) += '\n';
  if (!event.empty()) out.append("event: ").append(event) += '\n';
  append_data(out, data);
  out += '\n';
  return out;
}

std::string change_frame(const InboxChange& change) {
  std::string data;
  if (change.item) {
    append_inbox_item(data, *change.item, {});
    return sse_frame("item", data, change.seq);
  }
  data = "{\"action\":\"" + std::string(to_string(change.action)) + '"';
  if (change.action == InboxAction::kReadAll) {
    data += ",\"up_to\":\"" + format_item_id(change.up_to) + '"';
  } else {
    data += ",\"items\":[";
    for (std::size_t i = 0; i < change.items.size(); ++i)
      data += (i == 0 ? "\"" : ",\"") + format_item_id(change.items[i]) + '"';
    data += ']';
  }
  data += ",\"at\":\"" + format_rfc3339(change.at_ms) + "\"}";
  return sse_frame("change", data, change.seq);
}

std::string opening_frame(std::int64_t retry_ms, InboxSeq last, bool reset) {
  return "retry: " + std::to_string(retry_ms) + '\n' + sse_frame(reset ? "reset" : "ready", "{}", last);
}

std::optional<InboxSeq> read_event_id(std::string_view text) {
  InboxSeq seq = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seq);
  const bool ours = error == std::errc{} && end == text.data() + text.size() && seq >= 0 &&
                    text.front() != '-' && (text.size() == 1 || text.front() != '0');
  return ours ? std::optional(seq) : std::nullopt;
}

}  // namespace tocsin::inbox
