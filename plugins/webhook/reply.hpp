// What a receiver's answer means, by Standard Webhooks and what receivers do in practice. A pure function, so
// that every status is one row of a test. What it does not do: decide when to try again; the host does.
#pragma once

#include <tocsin/plugin.hpp>

namespace webhook {

[[nodiscard]] tocsin::outcome read_reply(const tocsin::http_response& reply);

}  // namespace webhook
