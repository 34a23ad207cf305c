// See child.hpp.
#include "conformance/child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

// POSIX wants the program to declare it.
extern char** environ;

namespace tocsin::conformance {
namespace {

constexpr std::size_t kMostSaid = 64 * 1024;
constexpr std::size_t kMostWritten = 4 * 1024 * 1024;
constexpr int kWritten = 3;  // the child's descriptor

struct Pipe {
  int ends[2]{-1, -1};
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) ends[0] = ends[1] = -1;
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_end(int which) {
    if (ends[which] >= 0) ::close(ends[which]);
    ends[which] = -1;
  }
};

int spawn(const std::vector<std::string>& command, const Pipe& said, const Pipe& written, pid_t& child) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, said.ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, said.ends[1], STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, written.ends[1], kWritten);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawnattr_setpgroup(&attributes, 0);
  const int error = posix_spawn(&child, command[0].c_str(), &actions, &attributes, arguments.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

// Takes what is there; closes the end at its end.
void drain(Pipe& pipe, std::string& into, std::size_t most) {
  std::array<char, 16 * 1024> buffer{};
  const auto got = ::read(pipe.ends[0], buffer.data(), buffer.size());
  if (got > 0) {
    into.append(buffer.data(), std::min(static_cast<std::size_t>(got), most - std::min(most, into.size())));
  } else if (got == 0 || errno != EINTR) {
    pipe.close_end(0);
  }
}

}  // namespace

Result<ChildEnd> run_child(const std::vector<std::string>& command, std::int64_t limit_ms,
                           const Clock& clock) {
  Pipe said;
  Pipe written;
  if (said.ends[0] < 0 || written.ends[0] < 0) return make_error(Errc::kIo, "no pipe can be made");
  const std::int64_t started = clock.steady_us();
  pid_t child = 0;
  if (const int error = spawn(command, said, written, child); error != 0) {
    return make_error(Errc::kIo, command[0] + " cannot be started: " + std::strerror(error));
  }
  said.close_end(1);
  written.close_end(1);
  ChildEnd end;
  const auto elapsed = [&] { return (clock.steady_us() - started) / 1000; };
  // A process that the plugin left behind may hold the pipes: what counts is the child's own end.
  int status = 0;
  bool gone = false;
  while (!gone) {
    gone = ::waitpid(child, &status, WNOHANG) == child;
    if (!gone && elapsed() > limit_ms) {
      end.timed_out = true;
      ::kill(-child, SIGKILL);
      gone = ::waitpid(child, &status, 0) == child;
    }
    pollfd open[2] = {{said.ends[0], POLLIN, 0}, {written.ends[0], POLLIN, 0}};
    do {
      if (::poll(open, 2, gone ? 0 : 20) <= 0) break;
      if ((open[0].revents & (POLLIN | POLLHUP)) != 0) drain(said, end.said, kMostSaid);
      if ((open[1].revents & (POLLIN | POLLHUP)) != 0) drain(written, end.written, kMostWritten);
      open[0].fd = said.ends[0];
      open[1].fd = written.ends[0];
    } while (gone && (open[0].fd >= 0 || open[1].fd >= 0));
    if (!gone && said.ends[0] < 0 && written.ends[0] < 0)
      ::poll(nullptr, 0, 1);  // it closed both: wait, do not spin
  }
  ::kill(-child, SIGKILL);  // what it left in its group
  end.took_ms = elapsed();
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  if (WIFEXITED(status)) end.status = WEXITSTATUS(status);
  return end;
}

}  // namespace tocsin::conformance
