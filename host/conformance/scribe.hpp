// What a check finds, written where the parent reads it while the check still runs: a plugin that crashes or
// hangs leaves behind what was found and where it was.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::conformance {

struct Finding {
  std::string type;      // the channel type; "" where the library as a whole is meant
  std::string what;      // what was seen, and at which message
  std::string fix;       // one line
  bool advice = false;   // fails with --strict only
  std::size_t more = 0;  // further ones like it
};

// What the process ends with where somebody closed the descriptor that is written to.
inline constexpr int kStatusOfClosed = 99;

class Scribe {
 public:
  // Writes to a descriptor; -1: keeps everything here (for tests).
  explicit Scribe(int descriptor) : descriptor_(descriptor) {}

  void step(std::string_view where);       // what is being done now
  void find(Finding finding);              // the first of its type and fix is written, the others counted
  void broke();                            // the process of the plugin ended: no check does better
  void sandboxed(std::string_view level);  // how much of it the kernel gives
  void end();                              // the check came to its end

  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }

 private:
  void write(std::string_view line) const;
  int descriptor_;
  std::vector<Finding> findings_;
  std::map<std::string, std::size_t> known_;  // type and fix -> index
};

// What the parent makes of it.
struct Written {
  std::vector<Finding> findings;
  std::string last_step;
  bool ended = false;
  bool broke = false;
  std::string sandbox;  // the level; "": it was in none
};
[[nodiscard]] Written read_written(std::string_view text);

// One line on how to mend what ended a process of its own.
[[nodiscard]] std::string fix_of_end(std::string_view how);

}  // namespace tocsin::conformance
