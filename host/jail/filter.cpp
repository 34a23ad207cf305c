// See filter.hpp.
#include "jail/filter.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace tocsin::jail {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kArchitecture = 0;  // no filter is installed
#endif

sock_filter statement(unsigned code, std::uint32_t k) {
  return {static_cast<std::uint16_t>(code), 0, 0, k};
}
sock_filter jump_unless_equal(std::uint32_t k, std::size_t otherwise) {
  return {static_cast<std::uint16_t>(BPF_JMP | BPF_JEQ | BPF_K), 0, static_cast<std::uint8_t>(otherwise), k};
}
sock_filter load(std::size_t offset) {
  return statement(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
}
sock_filter end(std::uint32_t action) {
  return statement(BPF_RET | BPF_K, action);
}
std::size_t place_of(unsigned argument) {
  return offsetof(seccomp_data, args) + argument * sizeof(std::uint64_t);  // both machines are little-endian
}

}  // namespace

Filter::Filter() {
  code_ = {load(offsetof(seccomp_data, arch)), jump_unless_equal(kArchitecture, 1),
           load(offsetof(seccomp_data, nr)), end(SECCOMP_RET_KILL_PROCESS)};
  // The load of the number is jumped over where the architecture is another.
  code_[1] = jump_unless_equal(kArchitecture, 2);
  code_.insert(code_.begin() + 3, {static_cast<std::uint16_t>(BPF_JMP | BPF_JA), 0, 0, 1});
}

void Filter::test(int call, std::vector<sock_filter> then) {
  code_.push_back(jump_unless_equal(static_cast<std::uint32_t>(call), then.size()));
  code_.insert(code_.end(), then.begin(), then.end());
}

void Filter::allow(int call) {
  test(call, {end(SECCOMP_RET_ALLOW)});
}
void Filter::refuse(int call) {
  test(call, {end(SECCOMP_RET_TRAP)});
}
void Filter::answer(int call, int error) {
  test(call, {end(SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error))});
}

void Filter::allow_where(int call, unsigned argument, std::uint32_t mask, std::uint32_t wanted) {
  test(call, {load(place_of(argument)), statement(BPF_ALU | BPF_AND | BPF_K, mask),
              jump_unless_equal(wanted, 1), end(SECCOMP_RET_ALLOW), load(offsetof(seccomp_data, nr))});
}

void Filter::refuse_where(int call, unsigned argument, std::uint32_t mask, std::uint32_t unwanted) {
  test(call, {load(place_of(argument)), statement(BPF_ALU | BPF_AND | BPF_K, mask),
              jump_unless_equal(unwanted, 1), end(SECCOMP_RET_TRAP), load(offsetof(seccomp_data, nr))});
}

void Filter::otherwise_allow() {
  code_.push_back(end(SECCOMP_RET_ALLOW));
}
void Filter::otherwise_refuse() {
  code_.push_back(end(SECCOMP_RET_TRAP));
}

bool Filter::install() const {
  if (kArchitecture == 0) return false;
  sock_fprog program{static_cast<unsigned short>(code_.size()), const_cast<sock_filter*>(code_.data())};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

}  // namespace tocsin::jail
