// This process's end of the socket. Any thread may send or ask; whoever waits for something reads, so that no
// thread stands between the socket and the plugin, and a question never waits for the one who is busy.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "wire/frame.hpp"

namespace tocsin::plugin_host {

class Link {
 public:
  // The thread that makes it is the one that calls next(); only that one may hold messages back for a batch.
  explicit Link(int socket) : socket_(socket), owner_(std::this_thread::get_id()) {}

  // [any] Sent now, or by the owner with its next flush(), question or end of a batch.
  void send(wire::Message message);
  void flush();
  // [any] Sends a question and waits for its answer.
  [[nodiscard]] std::string ask(wire::Message message);
  // [the owner] What the daemon wants next. Ends the process where the daemon is gone.
  [[nodiscard]] wire::Message next();

 private:
  template <class There>
  void wait(std::unique_lock<std::mutex>& lock, const There& there);
  void take(wire::Message message);

  const int socket_;
  const std::thread::id owner_;
  std::mutex send_mutex_;
  wire::Packer packer_;

  std::mutex mutex_;
  std::condition_variable changed_;
  bool reading_ = false;  // one thread is at the socket
  wire::Assembler assembler_;
  std::deque<wire::Message> inbox_;
  std::uint32_t last_call_ = 0;
  std::map<std::uint32_t, std::optional<std::string>> answers_;  // by call; empty: asked
};

}  // namespace tocsin::plugin_host
