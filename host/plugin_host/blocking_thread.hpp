// The own thread of an instance whose plugin may block: its messages in order, beside everybody else's.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>

#include "wire/frame.hpp"

namespace tocsin::plugin_host {

class Guest;

class BlockingThread {
 public:
  explicit BlockingThread(Guest& guest) : guest_(guest) {}
  // [the link's owner] The thread ends by itself behind kDestroy; the process never waits for it, since it
  // may block for ever.
  void push(wire::Message message);

 private:
  void run();

  Guest& guest_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<wire::Message> line_;
  bool started_ = false;
};

}  // namespace tocsin::plugin_host
