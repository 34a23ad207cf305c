// What the notification stream sends, as text/event-stream (WHATWG HTML 9.2). Each function makes whole
// frames, ended by their empty line. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/inbox.hpp"

namespace tocsin::inbox {

// One event: `id` is left out where it is nullopt. Data may have any line breaks; they arrive as line feeds.
[[nodiscard]] std::string sse_frame(std::string_view event, std::string_view data,
                                    std::optional<InboxSeq> id);

// A new item ("item", as the list shows it) or what was done with some ("change"); its id is the team's
// sequence number.
[[nodiscard]] std::string change_frame(const InboxChange& change);

// The first frame: how long to wait before coming back, and from where on this stream is live. `reset`: what
// the client has may be incomplete, it should load the list anew.
[[nodiscard]] std::string opening_frame(std::int64_t retry_ms, InboxSeq last, bool reset);

// A client's Last-Event-ID; nullopt where it is none of ours.
[[nodiscard]] std::optional<InboxSeq> read_event_id(std::string_view text);

}  // namespace tocsin::inbox
