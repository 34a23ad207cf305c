// What Slack's answer means: by its body first, since the same error comes under several statuses. A pure
// function, so that every answer is one row of a test. What it does not do: decide when to try again; the
// host does.
#pragma once

#include <tocsin/plugin.hpp>

namespace slack {

[[nodiscard]] tocsin::outcome read_reply(const tocsin::http_response& reply);

// Slack took issue with the blocks themselves: the same message as plain text may pass.
[[nodiscard]] bool refuses_blocks(const tocsin::http_response& reply);

}  // namespace slack
