// epoll for the egress thread, tuned to keep-alive: a connection stays registered for reading between
// exchanges, so reusing one costs no system call here. Knows nothing of HTTP. [egress] except wake().
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/error.hpp"

namespace tocsin::net {

// What is told of its sockets. It must live until the batch in which they were ready is through.
class SocketOwner {
 public:
  virtual void on_ready(int fd, bool readable, bool writable) = 0;

 protected:
  ~SocketOwner() = default;
};

class SocketWatch {
 public:
  struct Ready {
    int fd = -1;
    bool readable = false;
    bool writable = false;
    SocketOwner* owner = nullptr;  // as given to want()
  };

  SocketWatch() = default;
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;
  ~SocketWatch();
  [[nodiscard]] Result<void> open();

  // A connection of ours: from opened() to closed() its registration may outlive the interest in it.
  void opened(int fd);
  void closed(int fd);
  void want(int fd, bool read, bool write, SocketOwner* owner);
  // Waits at most `timeout_ms` (-1: for ever). What comes back is valid until the next call.
  [[nodiscard]] std::span<const Ready> wait(int timeout_ms);
  // [any] Ends a wait().
  void wake() const;

 private:
  struct Socket {
    std::uint32_t wanted = 0;
    std::uint32_t registered = 0;
    bool ours = false;
    SocketOwner* owner = nullptr;
  };
  [[nodiscard]] Socket& socket_of(int fd);
  void register_events(int fd, Socket& socket, std::uint32_t events) const;

  int epoll_ = -1;
  int wakeup_ = -1;
  std::vector<Socket> sockets_;  // by descriptor
  std::vector<Ready> ready_;
};

}  // namespace tocsin::net
