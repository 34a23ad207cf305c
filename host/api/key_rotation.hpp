// Sealing anew what older master keys have sealed, as the endpoints see it. How it is done is the composition
// root's business.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tocsin::api {

// A value that did not open, so that it is left as it is.
struct UnopenedSecret {
  std::string team;
  std::string channel;
  std::string pointer;  // "/settings/secret"
  std::string reason;
};

struct RotationProgress {
  bool running = false;
  std::int64_t done = 0;
  std::int64_t failed = 0;
  std::vector<UnopenedSecret> unopened;  // the first hundred of those that failed
  std::string problem;                   // why it ended before its end; empty: it did not
};

class KeyRotation {
 public:
  virtual ~KeyRotation() = default;
  // [any] Starts in the background; one that runs goes on.
  virtual void rotate() = 0;
  [[nodiscard]] virtual RotationProgress rotation() const = 0;  // [any] of the last one since the start
};

}  // namespace tocsin::api
