// A socket with an end to its waiting. Why: whoever blocks on a thread of its own must come back in time.
// What it does not do: know what is written.
#pragma once

#include <chrono>
#include <string>

namespace syslog_channel {

class Deadline {
 public:
  explicit Deadline(int ms) : at_(Clock::now() + std::chrono::milliseconds(ms)) {}
  [[nodiscard]] int left_ms() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(at_ - Clock::now()).count();
    return left > 0 ? static_cast<int>(left) : 0;
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point at_;
};

struct Socket {
  explicit Socket(int number) : fd(number) {}
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  const int fd;
};

// False: nothing came of it in time.
bool wait_for(int fd, short what, const Deadline& deadline);

// How many bytes left.
std::size_t write_all(int fd, const std::string& bytes, const Deadline& deadline);

}  // namespace syslog_channel
