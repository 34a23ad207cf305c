// `tocsin sink`: a local receiver of webhooks that says of each whether its signature holds, and on request
// answers with errors, delays, resets or not at all. For the quick start, for trying a channel out and for
// the tests; it stores nothing but its own record.
#pragma once

#include <atomic>
#include <cstdint>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/console.hpp"
#include "model/clock.hpp"
#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::ctl {

struct SinkOptions {
  std::string listen = "127.0.0.1:8787";
  std::string secret;    // "whsec_…" or any text; empty: signatures are not checked
  int status = 200;      // the answer to a delivery that is not made to fail
  double fail_rate = 0;  // share answered with fail_status
  int fail_status = 503;
  std::int64_t retry_after = -1;  // seconds, on failing answers; -1: no header
  std::int64_t delay_ms = 0;      // before every answer
  double hang_rate = 0;           // share that is never answered
  double reset_rate = 0;          // share whose connection is dropped
  std::uint64_t seed = 1;         // same seed, same faults in the same order
  std::string record;             // file: one JSON line a delivery
  std::uint64_t count = 0;        // finished after this many; 0: never
};

enum class Signature { kVerified, kBad, kUnsigned, kUnchecked };
[[nodiscard]] std::string_view to_string(Signature signature);

// What the n-th delivery (from 0) gets. Pure: the same options and n give the same answer.
enum class Fault { kNone, kStatus, kHang, kReset };
[[nodiscard]] Fault plan_fault(const SinkOptions& options, std::uint64_t n);
[[nodiscard]] net::HttpResponse make_answer(const SinkOptions& options, Fault fault);

class Sink {
 public:
  // kInvalid: the secret's base64 is broken. kIo: the address is taken, the record cannot be written.
  // `finished` is called once, from [api], when `count` deliveries were answered.
  static Result<std::unique_ptr<Sink>> open(SinkOptions options, const Clock& clock, Console console,
                                            std::function<void()> finished);
  ~Sink();
  [[nodiscard]] const std::string& address() const;  // "127.0.0.1:8787", with the real port
  void start();
  void stop();
  [[nodiscard]] std::uint64_t bad_signatures() const { return bad_; }  // [any]

 private:
  Sink(SinkOptions options, const Clock& clock, Console console, std::function<void()> finished);
  void receive(const net::HttpRequest& request, net::Responder responder);  // [api]
  [[nodiscard]] Signature check(const net::HttpRequest& request) const;
  void write_line(const net::HttpRequest& request, Signature signature, const std::string& answer);
  void write_record(const net::HttpRequest& request, Signature signature, const std::string& answer);

  SinkOptions options_;
  const Clock& clock_;
  Console console_;
  std::function<void()> finished_;
  std::string key_;
  std::ofstream record_;
  std::uint64_t received_ = 0;
  std::atomic<std::uint64_t> bad_ = 0;
  std::unique_ptr<net::HttpServer> server_;
};

// Runs one until SIGINT, SIGTERM or `count`. kFailed where any signature was bad.
[[nodiscard]] Exit run_sink(const SinkOptions& options, Console& console);

}  // namespace tocsin::ctl
