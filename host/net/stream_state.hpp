// What a session keeps while its answer goes on. Its rules are in session_stream.cpp.
#pragma once

#include <cstdint>
#include <deque>

#include "net/http_server.hpp"

namespace tocsin::net {

struct StreamState {
  StreamOptions options;
  std::deque<Frame> waiting;      // the first may be partly written
  std::size_t first_written = 0;  // bytes of it
  std::size_t bytes = 0;          // of all, without those
  std::int64_t last_us = 0;       // when something was sent last
  std::int64_t ends_us = 0;       // when its time is over; 0: never
  bool blocked = false;           // waits until the socket takes more
  bool ending = false;            // closes once all is written
  bool in_call = false;           // the owner is calling: it learns of an end by what the call returns
};

}  // namespace tocsin::net
