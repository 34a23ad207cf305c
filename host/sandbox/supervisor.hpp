// One sandboxed plugin over the life of the daemon: its process, the next one after a crash, and what they
// owe. One thread reads and writes the socket and never waits for the process; the host's threads only leave
// messages with it.
//
// A crash costs nobody a delivery: what was given and has sent nothing is given to the next process, within
// the same attempt; what may have left ends as uncertain. What was there in two crashes is given alone, and
// fails as poison where it crashes alone. Five crashes in ten minutes end in quarantine.
#pragma once

#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/smtp.h>
#include <tocsin/plugin.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "model/clock.hpp"
#include "sandbox/child.hpp"
#include "sandbox/remote.hpp"
#include "sandbox/remote_table.hpp"
#include "sandbox/status.hpp"
#include "wire/abi.hpp"
#include "wire/frame.hpp"

namespace tocsin::sandbox {

class Supervisor {
 public:
  static constexpr std::int64_t kLoadMs = 10'000;
  static constexpr std::int64_t kCreateMs = 9'000;  // the host waits for 10 s
  static constexpr std::int64_t kDestroyMs = 4'000;
  static constexpr std::int64_t kPingMs = 1'000;
  static constexpr std::int64_t kHangMs = 5'000;
  static constexpr std::int64_t kAbortMs = 1'000;  // from SIGABRT to SIGKILL
  static constexpr std::int64_t kFirstWaitMs = 500;
  static constexpr std::int64_t kLongestWaitMs = 60'000;
  static constexpr std::int64_t kQuarantineMs = 600'000;
  static constexpr std::size_t kQuarantineCrashes = 5;
  static constexpr unsigned kCrashesUntilAlone = 2;
  static constexpr unsigned kLinesAPing =
      20;  // in the log, of what it says by itself and of what it is refused

  // `library` is the sealed copy of `path` in memory, closed at the end. `quarantined` is told on the
  // supervisor's thread.
  Supervisor(std::string path, int library, bool only_full, std::function<void()> quarantined);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  // Starts the process and waits until it has described the plugin. kUnavailable: why it does not load, as
  // the rest of a sentence that starts with the plugin's name.
  Result<const tocsin_plugin*> start();
  // Kills the process; what is asked of it from then on ends at once.
  void stop();
  // Another one took its place: its process ends with its last instance, at once where it has none.
  void retire();
  // It is retired, and its last instance is gone.
  [[nodiscard]] bool is_over() const;
  [[nodiscard]] SandboxStatus status() const;
  // Ends a quarantine or a wait: the next process starts now.
  void reset();

  // What the host asks, by way of the proxies. create() throws where the host should read that the plugin
  // threw.
  Remote* create(std::uint32_t type, const tocsin_host& host, plugin::RemoteFaults& faults,
                 const tocsin_doc& settings, tocsin_error& error);
  void destroy(Remote& remote);
  void deliver(Remote& remote, const tocsin_message& message, Handle handle);
  void verify(Remote& remote, Handle handle);
  void cancel(Remote& remote, Handle handle);
  void http_done(Remote& remote, Handle handle, const tocsin_http_response& answer, std::uint64_t exchange);
  void mail_done(Remote& remote, Handle handle, const tocsin_smtp_reply& answer, std::uint64_t exchange);
  void put_done(Remote& remote, Handle handle, const tocsin_inbox_result& answer, std::uint64_t exchange);
  void timer_due(Remote& remote, std::uint64_t timer);

  // For a host that plays: waits until the plugin is through with all that this instance was given, and what
  // it asked of the host for it is carried out. False: its process has ended.
  [[nodiscard]] bool settle(Remote& remote);

 private:
  enum class State { kStarting, kRunning, kWaiting, kQuarantined, kStopped };
  // What has to be told to the host once the lock is free.
  struct Verdict {
    std::shared_ptr<Remote> remote;
    Handle handle = 0;
    std::int32_t status = TOCSIN_RETRY;
    const char* code = "plugin.crashed";
    std::string detail;
  };
  using Verdicts = std::vector<Verdict>;
  using Lock = std::unique_lock<std::mutex>;

  // supervisor_loop.cpp [the supervisor's thread]
  void run();
  void start_child();
  void serve_child();
  [[nodiscard]] std::int64_t patience_ms(Lock& lock) const;
  [[nodiscard]] bool read_socket();
  [[nodiscard]] bool write_socket();
  void read_said();
  void watch_over();
  void end_for(const char* why);  // kills it; its end is seen on the socket
  void hear_out();
  void end_child(const std::string& why);

  // supervisor.cpp
  void push(wire::Message message);  // under the lock
  void end_where_retired();          // under the lock
  void wake();
  void handle(wire::Message message);
  void described(wire::Message& message);
  void created(const wire::Message& message);
  void destroyed(const wire::Message& message);
  void settled(const wire::Message& message);
  void make_again();                // under the lock
  void ask_create(Remote& remote);  // under the lock
  [[nodiscard]] Remote* find(std::uint32_t number);
  void denied(std::uint32_t call);      // [the supervisor's thread]
  void noticed(std::string_view what);  // [the supervisor's thread]
  void say(int level, const std::string& text) const;

  // supervisor_calls.cpp: what the plugin asks of its host.
  void call_host(wire::Message& message);
  void carry_out(const std::shared_ptr<Remote>& remote, wire::Message& message);
  template <class Table, class Request, class Submit>
  void submit(Remote& remote, wire::Message& message, const char* extension, const Submit& call);
  void start_timer(Remote& remote, const wire::Message& message);
  void cancel_timer(Remote& remote, std::uint64_t number);
  void sign(Remote& remote, const wire::Message& message);
  void check_mail(Remote& remote, const wire::Message& message);
  void complete(const std::shared_ptr<Remote>& remote, const wire::Message& message);
  void threw(const std::shared_ptr<Remote>& remote, const wire::Message& message);
  static void write_log(Remote& remote, const wire::Message& message);
  void answer(const wire::Message& question, std::string payload);
  void answer_status(const wire::Message& question, tocsin_status status);

  // supervisor_deliveries.cpp, under the lock
  void enter(Remote& remote, Handle handle, RemoteDelivery delivery);
  void give(Remote& remote, Handle handle, RemoteDelivery& delivery);
  void give_waiting();
  void leave(Remote& remote, Handle handle);
  template <class Answer>
  void answered(Remote& remote, Handle handle, const Answer& answer, std::uint64_t exchange, wire::Kind kind,
                bool may_have_left);

  // supervisor_crashes.cpp
  void crashed(const std::string& how, const std::string& said, bool blames_deliveries);
  void settle(const std::shared_ptr<Remote>& remote, Handle handle, RemoteDelivery& delivery, bool blames,
              Verdicts& verdicts);
  void orphan_ended(const std::shared_ptr<Remote>& remote, Handle handle, Verdicts& verdicts);
  void tell(const Verdicts& verdicts);
  void plan_restart(const std::string& told, const std::string& said);

  const std::string path_;
  const int library_;
  const bool only_full_;
  const std::function<void()> quarantined_;
  const SystemClock clock_;
  const int wake_fd_;
  std::thread thread_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  State state_ = State::kStarting;
  bool stopping_ = false;
  bool retired_ = false;
  int destroying_ = 0;  // calls of destroy() that have not returned
  bool is_described_ = false;
  std::string load_fault_;  // set: the first process did not come to describe the plugin
  std::unique_ptr<RemoteTable> table_;
  std::uint32_t generation_ = 0;
  std::uint32_t jailed_generation_ = 0;  // whose level is known: what it says of it later does not count
  std::map<std::uint32_t, std::shared_ptr<Remote>> remotes_;
  std::uint32_t last_remote_ = 0;
  std::uint64_t last_mark_ = 0;
  wire::Packer packer_;
  bool woken_ = false;
  std::vector<std::pair<std::uint32_t, Handle>> waiting_;
  std::deque<std::pair<std::uint32_t, Handle>> waiting_alone_;
  std::optional<std::pair<std::uint32_t, Handle>> alone_;
  std::size_t given_ = 0;
  std::map<std::string, unsigned> crashes_of_;  // by message id
  std::deque<std::int64_t> crash_times_;
  std::int64_t wait_ms_ = kFirstWaitMs;
  std::int64_t resume_ms_ = 0;  // steady
  std::int64_t up_since_ms_ = 0;
  SandboxStatus status_;

  // The thread's own.
  std::optional<Child> child_;
  wire::Assembler assembler_;
  std::deque<std::string> to_send_;
  std::size_t unsent_ = 0;  // bytes of them
  unsigned lines_ = 0;      // in the log since the last ping
  std::int64_t load_until_ms_ = 0, ping_at_ms_ = 0, pong_until_ms_ = 0, kill_at_ms_ = 0;
  std::uint64_t ping_ = 0;
  std::string said_;
  bool has_said_all_ = false;  // it closed its stdout and stderr
  std::string killed_for_;
  bool is_outlaw_ = false;  // it broke the protocol: whatever else it has sent does not count
};

}  // namespace tocsin::sandbox
