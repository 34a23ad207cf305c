// What the answer of a Teams workflow means. A workflow answers before anything is posted, so success is only
// ever "accepted". A pure function, so that every answer is one row of a test.
#pragma once

#include <tocsin/plugin.hpp>

namespace teams {

[[nodiscard]] tocsin::outcome read_reply(const tocsin::http_response& reply);

}  // namespace teams
