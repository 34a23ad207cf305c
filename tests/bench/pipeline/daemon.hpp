// The daemon under measurement: a real tocsind process with a configuration of its own, and what it cost.
#pragma once

#include <cstdint>
#include <string>

namespace tocsin::bench {

struct Cost {
  double cpu_us = 0;       // user + system, since the start
  double resident_mb = 0;  // now
  double peak_mb = 0;
};

struct DaemonOptions {
  int rules = 1000;  // one matches
  int receiver_port = 0;
  bool paused = false;    // the channel takes nothing: accepting alone is measured
  std::string directory;  // made where empty
};

class DaemonProcess {
 public:
  // Starts it and returns once it serves. Prints the reason and exits where it cannot.
  DaemonProcess(const std::string& build_dir, const DaemonOptions& options);
  ~DaemonProcess();
  DaemonProcess(const DaemonProcess&) = delete;
  DaemonProcess& operator=(const DaemonProcess&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] Cost cost() const;
  // Deliveries that are not final, as the daemon counts them.
  [[nodiscard]] std::int64_t unfinished() const;
  [[nodiscard]] double start_ms() const { return start_ms_; }
  [[nodiscard]] std::uint64_t commits() const;

 private:
  [[nodiscard]] std::string get(const std::string& path) const;
  int pid_ = 0;
  int port_ = 0;
  double start_ms_ = 0;
  std::string directory_;
};

inline constexpr const char* kToken = "tcs_benchmark-token-of-the-demo-team";

}  // namespace tocsin::bench
