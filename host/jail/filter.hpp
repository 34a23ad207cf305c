// A seccomp filter under construction: classic BPF over the call's number and arguments, first match decides.
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <vector>

namespace tocsin::jail {

class Filter {
 public:
  Filter();  // refuses foreign architectures
  void allow(int call);
  void answer(int call, int error);  // without a word
  // Allowed where the lower half of an argument, masked, is `wanted`; refused otherwise.
  void allow_where(int call, unsigned argument, std::uint32_t mask, std::uint32_t wanted);
  // Refused where it is.
  void refuse_where(int call, unsigned argument, std::uint32_t mask, std::uint32_t unwanted);
  void refuse(int call);
  void otherwise_allow();
  void otherwise_refuse();
  // For every thread of the process. False: the kernel does not take it.
  [[nodiscard]] bool install() const;

 private:
  void test(int call, std::vector<sock_filter> then);
  std::vector<sock_filter> code_;
};

}  // namespace tocsin::jail
