// The one error type of the house. An expected failure is a Result; a programming error is an assert that
// aborts in release builds too. This file knows nothing of HTTP or SQL: rooms above translate the code.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <utility>
#include <vector>

namespace tocsin {

enum class Errc {
  kInvalid,        // the caller's input is wrong: `fields` says where
  kMalformed,      // cannot be read at all: no JSON
  kUnauthorized,   // no or unusable credentials
  kForbidden,      // known principal, not permitted
  kNotFound,       // no such object, or another team's
  kConflict,       // the same key with another content, or a lost update
  kOutdated,       // the caller wanted to change another version than there is
  kTooLarge,       // over a stated limit
  kUnsupported,    // a media type, method or feature that is not served
  kUnavailable,    // cannot now, may later: overload, draining, plugin missing
  kStorageFull,    // the disk or the database's own limit is reached
  kStorageFailed,  // the store can no longer promise durability: stop intake
  kIo,             // a file or socket failed
  kInternal,       // a bug of ours, reported rather than hidden
};

// One thing wrong with one place of the input. `pointer` is an RFC 6901 JSON pointer ("/labels/env") or, for
// the config file, a dotted path with the line ("team[0].rule[2].channels, line 41").
struct FieldError {
  std::string pointer;
  std::string message;
};

// `detail` is one sentence: what was wrong, where, and the fix. Never a secret; never a URL's path or query.
struct Error {
  Errc code = Errc::kInternal;
  std::string detail;
  std::vector<FieldError> fields;
};

template <class T>
using Result = boost::system::result<T, Error>;

[[nodiscard]] inline Error make_error(Errc code, std::string detail) {
  return Error{code, std::move(detail), {}};
}

// Prints the failed expectation and aborts, in every build type.
[[noreturn]] void fail_expectation(const char* what, const char* file, int line) noexcept;

// boost::system::result calls this when value() is asked of an error: a bug of the caller's.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace tocsin

#define TOCSIN_EXPECT(condition) \
  ((condition) ? static_cast<void>(0) : ::tocsin::fail_expectation(#condition, __FILE__, __LINE__))
