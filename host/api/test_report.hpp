// What came of a channel's test, in words for the admin who asked. Pure.
#pragma once

#include <string>

#include "delivery/engine.hpp"

namespace tocsin::api {

enum class TestKind : std::uint8_t {
  kMessage,     // a message that goes the way every alert goes
  kConnection,  // connect and authenticate, send nothing
};

struct TestReport {
  std::string result;   // "delivered", "accepted", "connected", "failed" or "waiting"
  std::string message;  // what it means and what to do
};
[[nodiscard]] TestReport report_test(TestKind kind, const delivery::TestEnd& end);

}  // namespace tocsin::api
