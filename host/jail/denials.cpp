// A refused system call raises SIGSYS; here it becomes EPERM and a line in the daemon's log. See jail.hpp.
#include <sys/syscall.h>
#include <ucontext.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <utility>

#include "jail/jail.hpp"

namespace tocsin::jail {

namespace {

constexpr int kMostTold = 100;

// A handler has no context of its own to find them by.
std::atomic<void (*)(int)> teller{nullptr};
std::atomic<int> told_so_far{0};

void refuse_call(int, siginfo_t* what, void* context) {
  const int saved = errno;
  auto* const at = static_cast<ucontext_t*>(context);
#if defined(__x86_64__)
  at->uc_mcontext.gregs[REG_RAX] = -EPERM;
#elif defined(__aarch64__)
  at->uc_mcontext.regs[0] = static_cast<unsigned long long>(-EPERM);
#else
  static_cast<void>(at);
#endif
  if (told_so_far.fetch_add(1) < kMostTold) {
    if (auto* const tell = teller.load()) tell(what->si_syscall);
  }
  errno = saved;
}

struct Named {
  int number;
  const char* name;
};
constexpr Named kNames[] = {{SYS_openat, "openat"},
                            {SYS_socket, "socket"},
                            {SYS_socketpair, "socketpair"},
                            {SYS_connect, "connect"},
                            {SYS_bind, "bind"},
                            {SYS_listen, "listen"},
                            {SYS_accept, "accept"},
                            {SYS_execve, "execve"},
                            {SYS_execveat, "execveat"},
                            {SYS_clone, "clone"},
                            {SYS_ptrace, "ptrace"},
                            {SYS_process_vm_readv, "process_vm_readv"},
                            {SYS_process_vm_writev, "process_vm_writev"},
                            {SYS_kill, "kill"},
                            {SYS_tgkill, "tgkill"},
                            {SYS_tkill, "tkill"},
                            {SYS_mmap, "mmap of code"},
                            {SYS_mprotect, "mprotect to code"},
                            {SYS_memfd_create, "memfd_create"},
                            {SYS_ioctl, "ioctl"},
                            {SYS_fcntl, "fcntl"},
                            {SYS_prctl, "prctl"},
                            {SYS_setrlimit, "setrlimit"},
                            {SYS_prlimit64, "prlimit64"},
                            {SYS_unlinkat, "unlinkat"},
                            {SYS_mkdirat, "mkdirat"},
                            {SYS_renameat, "renameat"},
                            {SYS_chdir, "chdir"},
                            {SYS_mount, "mount"},
                            {SYS_unshare, "unshare"},
                            {SYS_setns, "setns"},
                            {SYS_setuid, "setuid"},
                            {SYS_bpf, "bpf"},
                            {SYS_perf_event_open, "perf_event_open"},
                            {SYS_rt_sigaction, "rt_sigaction of SIGSYS"},
#if defined(__x86_64__)
                            {SYS_open, "open"},
                            {SYS_creat, "creat"},
                            {SYS_fork, "fork"},
                            {SYS_vfork, "vfork"},
                            {SYS_unlink, "unlink"},
                            {SYS_mkdir, "mkdir"},
                            {SYS_rename, "rename"},
                            {SYS_readlink, "readlink"},
                            {SYS_stat, "stat"},
                            {SYS_access, "access"},
#endif
                            {SYS_faccessat, "faccessat"},
                            {SYS_readlinkat, "readlinkat"},
                            {SYS_getdents64, "getdents64"},
                            {SYS_io_uring_setup, "io_uring_setup"},
                            {SYS_shmget, "shmget"}};

}  // namespace

void on_denied_call(void (*told)(int number)) {
  teller = told;
  struct sigaction action {};
  action.sa_sigaction = &refuse_call;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  ::sigaction(SIGSYS, &action, nullptr);
}

std::string name_of_call(int number) {
  for (const auto& [known, name] : kNames) {
    if (known == number) return name;
  }
  return "call " + std::to_string(number);
}

}  // namespace tocsin::jail
