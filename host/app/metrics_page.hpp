// What /metrics answers, gathered from the rooms when it is asked: they count for themselves anyway, so
// nothing is paid between two scrapes.
#pragma once

#include <string>
#include <vector>

#include "delivery/engine.hpp"
#include "net/http_server.hpp"
#include "store/writer.hpp"

namespace tocsin::app {

// OpenMetrics 1.0 text.
[[nodiscard]] std::string write_metrics(const store::WriterHealth& store,
                                        const std::vector<delivery::ChannelStatus>& channels,
                                        const net::HttpServer& server, std::size_t streams);

}  // namespace tocsin::app
