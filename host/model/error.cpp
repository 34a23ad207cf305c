// See error.hpp.
#include "model/error.hpp"

#include <cstdio>
#include <cstdlib>

namespace tocsin {

void fail_expectation(const char* what, const char* file, int line) noexcept {
  std::fprintf(stderr, "tocsin: expectation failed: %s (%s:%d)\n", what, file, line);
  std::abort();
}

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
  std::fprintf(stderr, "tocsin: value() of a failed result: %s (%s:%u)\n", error.detail.c_str(),
               where.file_name(), static_cast<unsigned>(where.line()));
  std::abort();
}

}  // namespace tocsin
