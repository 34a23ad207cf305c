// See child.hpp.
#include "sandbox/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

namespace tocsin::sandbox {

namespace {

constexpr int kSocket = 3;
constexpr int kLibrary = 4;
constexpr int kFirstFree = 10;    // ours are moved above what the child is given
constexpr int kPatienceMs = 500;  // of a child whose socket is closed already

std::string errno_text() {
  return std::strerror(errno);
}

// Where our own executable is or the programs are, or under libexec.
std::string find_program() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* place :
       {"tocsin-plugin-host", "../bin/tocsin-plugin-host", "../libexec/tocsin/tocsin-plugin-host"}) {
    const fs::path program = (folder / place).lexically_normal();
    if (fs::is_regular_file(program, error)) return program.string();
  }
  return {};
}

class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  // Above the numbers the child is given, so that putting one in its place closes no other.
  static int raise(int low) {
    const int high = ::fcntl(low, F_DUPFD_CLOEXEC, kFirstFree);
    ::close(low);
    return high;
  }
  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

int spawn(pid_t& pid, const std::string& program, bool only_full, int socket, int library, int said) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, said, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, socket, kSocket);
  posix_spawn_file_actions_adddup2(&actions, library, kLibrary);
  posix_spawn_file_actions_addclosefrom_np(&actions, kLibrary + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                           POSIX_SPAWN_SETPGROUP));
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);  // a terminal's Ctrl-C is for the daemon
  std::string parent = std::to_string(::getpid());
  std::string full = "full";
  std::array<char*, 4> arguments{const_cast<char*>("tocsin-plugin-host"), parent.data(),
                                 only_full ? full.data() : nullptr, nullptr};
  char* environment[] = {nullptr};
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, &attributes, arguments.data(), environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

Result<Child> Child::start(int library, bool only_full) {
  const std::string program = find_program();
  if (program.empty()) {
    return make_error(Errc::kUnavailable,
                      "tocsin-plugin-host is not installed beside the daemon, so no plugin can be sandboxed");
  }
  int pair[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
    return make_error(Errc::kIo, "no socket for a plugin's process: " + errno_text());
  }
  Descriptor ours(pair[0]);
  const Descriptor theirs(Descriptor::raise(pair[1]));
  int pipe[2];
  if (::pipe2(pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
    return make_error(Errc::kIo, "no pipe for a plugin's process: " + errno_text());
  }
  Descriptor said(pipe[0]);
  const Descriptor saying(Descriptor::raise(pipe[1]));
  const Descriptor copy(::fcntl(library, F_DUPFD_CLOEXEC, kFirstFree));
  pid_t pid = 0;
  if (const int error = spawn(pid, program, only_full, theirs.number(), copy.number(), saying.number());
      error != 0) {
    return make_error(Errc::kIo, program + " cannot be started: " + std::strerror(error));
  }
  return Child(pid, ours.release(), said.release());
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      socket_(std::exchange(other.socket_, -1)),
      said_(std::exchange(other.said_, -1)) {}

Child::~Child() {
  if (socket_ >= 0) ::close(socket_);
  if (said_ >= 0) ::close(said_);
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Child::signal(int number) const {
  if (pid_ > 0) ::kill(pid_, number);
}

Child::End Child::wait() {
  End end;
  int status = 0;
  pid_t gone = 0;
  // It closes its socket a moment before it can be waited for.
  for (int waited = 0; gone == 0 && waited < kPatienceMs; ++waited) {
    gone = ::waitpid(pid_, &status, WNOHANG);
    if (gone == 0) ::usleep(1000);
  }
  if (gone == 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, &status, 0);
    pid_ = 0;
    return {"closed its socket", 0};
  }
  pid_ = 0;
  if (WIFSIGNALED(status)) {
    end.signal = WTERMSIG(status);
    const char* const name = ::sigabbrev_np(end.signal);
    end.how = name == nullptr ? "signal " + std::to_string(end.signal) : "SIG" + std::string(name);
  } else {
    end.how = "status " + std::to_string(WEXITSTATUS(status));
  }
  return end;
}

}  // namespace tocsin::sandbox
