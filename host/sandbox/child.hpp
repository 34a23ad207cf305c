// One run of tocsin-plugin-host: started with an empty environment, the socket, the plugin and nothing else
// of ours; ended when this object is. It says nothing to it.
#pragma once

#include <sys/types.h>

#include <string>

#include "model/error.hpp"

namespace tocsin::sandbox {

class Child {
 public:
  // `library` is a memory file with the plugin. The child dies with the calling thread, so that one must live
  // as long as the child should.
  static Result<Child> start(int library, bool only_full);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  ~Child();  // kills it, and waits for it

  [[nodiscard]] int socket() const { return socket_; }
  [[nodiscard]] int said() const { return said_; }  // its stdout and stderr
  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const;
  // Once the socket is at its end: how it ended, "SIGSEGV" or "status 1". Kills it where it goes on without
  // us.
  struct End {
    std::string how;
    int signal = 0;
  };
  [[nodiscard]] End wait();

 private:
  Child(pid_t pid, int socket, int said) : pid_(pid), socket_(socket), said_(said) {}
  pid_t pid_;
  int socket_;
  int said_;
};

}  // namespace tocsin::sandbox
