// The two peers of a measurement, on plain epoll so that they take as little of the two cores as they can: a
// load of keep-alive connections that push as fast as they are answered (or at a fixed rate), and a receiver
// that answers 200.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace tocsin::bench {

struct LoadOptions {
  int port = 0;
  int connections = 64;
  int events_per_request = 1;
  std::int64_t events = 30'000;
  double requests_per_second =
      0;  // 0: as fast as answered; else an open loop, latency counted from the due time
};

struct LoadResult {
  std::int64_t accepted = 0;
  std::int64_t refused = 0;  // answers that are not 202
  double seconds = 0;
  std::vector<double> latencies_ms;  // a request each
};

// Blocks until every event is answered.
[[nodiscard]] LoadResult push_events(const LoadOptions& options);

// Answers 200 to every request and counts them.
class CountingReceiver {
 public:
  CountingReceiver();
  ~CountingReceiver();
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::int64_t count() const { return count_.load(); }

 private:
  void serve();
  int listener_ = -1;
  int port_ = 0;
  std::atomic<std::int64_t> count_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace tocsin::bench
