// The names of transport errors, as they stand in attempt rows, logs and metrics.
#include "net/io_error.hpp"

namespace tocsin::net {

std::string_view to_string(IoError error) {
  static constexpr std::string_view kNames[] = {"none",        "dns",     "connect",   "tls",
                                                "certificate", "timeout", "closed",    "protocol",
                                                "blocked",     "invalid", "cancelled", "local"};
  return kNames[static_cast<std::size_t>(error)];
}

}  // namespace tocsin::net
