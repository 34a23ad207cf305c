// Which system calls a plugin's process may make: a list of what arithmetic, memory, threads, waiting and the
// one socket need, and nothing else. See jail.hpp.
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "jail/filter.hpp"
#include "jail/jail.hpp"
#include "jail/landlock.hpp"

namespace tocsin::jail {

namespace {

constexpr std::uint32_t kWhole = 0xFFFFFFFF;

constexpr int kFree[] = {
    // memory
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_mincore, SYS_membarrier, SYS_mmap, SYS_mprotect,
    // what is open already; nothing new that leads outside
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_lseek, SYS_close, SYS_close_range, SYS_fstat,
    SYS_sendto, SYS_recvfrom, SYS_sendmsg, SYS_recvmsg, SYS_dup, SYS_pipe2, SYS_eventfd2, SYS_epoll_create1,
    SYS_epoll_ctl, SYS_epoll_pwait, SYS_ppoll, SYS_pselect6, SYS_timerfd_create, SYS_timerfd_settime,
    SYS_timerfd_gettime,
    // threads and waiting
    SYS_futex, SYS_set_robust_list, SYS_get_robust_list, SYS_rseq, SYS_set_tid_address, SYS_sched_yield,
    SYS_sched_getaffinity, SYS_nanosleep, SYS_clock_nanosleep, SYS_exit, SYS_exit_group, SYS_restart_syscall,
    // signals, its own
    SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigpending, SYS_rt_sigtimedwait, SYS_sigaltstack,
    SYS_rt_sigaction,
    // what it may know
    SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_clock_gettime,
    SYS_clock_getres, SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_getrlimit, SYS_uname, SYS_sysinfo,
    SYS_getrandom, SYS_getcwd, SYS_umask,
    // another filter on top can only take away
    SYS_seccomp,
#if defined(__x86_64__)
    SYS_poll, SYS_select, SYS_epoll_wait, SYS_dup2, SYS_pipe, SYS_eventfd, SYS_time, SYS_getpgrp, SYS_pause,
    SYS_arch_prctl,
#endif
    SYS_dup3};

// What the loader needs besides: Landlock says which files.
constexpr int kOfLoader[] = {
    SYS_openat,     SYS_newfstatat, SYS_statx,   SYS_faccessat, SYS_faccessat2, SYS_readlinkat,
    SYS_getdents64, SYS_statfs,     SYS_fstatfs,
#if defined(__x86_64__)
    SYS_open,       SYS_stat,       SYS_lstat,   SYS_access,    SYS_readlink
#endif
};

void add_conditional(Filter& filter) {
  const auto own = static_cast<std::uint32_t>(::getpid());
  filter.answer(SYS_clone3, ENOSYS);  // glibc then takes clone, whose flags a filter can read
  filter.allow_where(SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
  filter.allow_where(SYS_tgkill, 0, kWhole, own);  // abort(), raise()
  filter.allow_where(SYS_kill, 0, kWhole, own);
  filter.allow_where(SYS_fcntl, 1, kWhole, F_GETFD);
  filter.allow_where(SYS_fcntl, 1, kWhole, F_SETFD);
  filter.allow_where(SYS_fcntl, 1, kWhole, F_GETFL);
  filter.allow_where(SYS_fcntl, 1, kWhole, F_DUPFD_CLOEXEC);
  filter.allow_where(SYS_prlimit64, 2, kWhole, 0);  // reads only
  filter.allow_where(SYS_prctl, 0, kWhole, PR_SET_NAME);
  filter.allow_where(SYS_prctl, 0, kWhole, PR_SET_DUMPABLE);  // our own, once the library is loaded
  filter.answer(SYS_ioctl, ENOTTY);                           // isatty() asks
}

}  // namespace

std::vector<std::string> close_stage_one() {
  std::vector<std::string> missing;
  if (!restrict_files()) missing.emplace_back("landlock");
  Filter filter;
  filter.refuse_where(SYS_rt_sigaction, 0, kWhole, SIGSYS);
  for (const int call : kFree) filter.allow(call);
  for (const int call : kOfLoader) filter.allow(call);
  add_conditional(filter);
  filter.otherwise_refuse();
  if (!filter.install()) missing.emplace_back("seccomp");
  return missing;
}

bool close_stage_two() {
  Filter filter;
  filter.refuse_where(SYS_prctl, 0, kWhole, PR_SET_DUMPABLE);
  filter.refuse_where(SYS_mmap, 2, PROT_EXEC, PROT_EXEC);
  filter.refuse_where(SYS_mprotect, 2, PROT_EXEC, PROT_EXEC);
  for (const int call : kOfLoader) {
    // Of an open descriptor its state may be asked for, which is how fstat() is written today.
    if (call == SYS_newfstatat) {
      filter.allow_where(call, 3, AT_EMPTY_PATH, AT_EMPTY_PATH);
    }
    filter.refuse(call);
  }
  filter.otherwise_allow();
  return filter.install();
}

}  // namespace tocsin::jail
