// The part of the jail that every kernel has. See jail.hpp.
#include <grp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

#include "jail/jail.hpp"

namespace tocsin::jail {

namespace {

constexpr uid_t kNobody = 65'534;
constexpr rlim_t kThreadsOfUser = 1'024;

// A sanitizer reserves terabytes of addresses for its shadow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kLimitsMemory = false;
#else
constexpr bool kLimitsMemory = true;
#endif

void limit(__rlimit_resource which, rlim_t most) {
  rlimit now{};
  if (::getrlimit(which, &now) != 0) return;
  if (now.rlim_max != RLIM_INFINITY && now.rlim_max < most) most = now.rlim_max;
  const rlimit wanted{most, most};
  static_cast<void>(::setrlimit(which, &wanted));
}

}  // namespace

bool limit_process(int parent) {
  if (::geteuid() == 0) {
    static_cast<void>(::setgroups(0, nullptr));
    if (::setresgid(kNobody, kNobody, kNobody) != 0 || ::setresuid(kNobody, kNobody, kNobody) != 0)
      return false;
    // A process that changed its user may not even look into its own /proc/self/fd, where the library lies.
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  }
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  // After the change of user, which would clear it.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() != parent) return false;  // it died before it could be noticed
  if (kLimitsMemory) limit(RLIMIT_AS, kAddressSpace);
  limit(RLIMIT_NOFILE, kDescriptors);
  limit(RLIMIT_NPROC, kThreadsOfUser);
  limit(RLIMIT_FSIZE, 0);
  ::signal(SIGXFSZ, SIG_IGN);  // a write then answers EFBIG
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_MEMLOCK, 0);
  limit(RLIMIT_MSGQUEUE, 0);
  return true;
}

}  // namespace tocsin::jail
