// A plugin's tables on their way to the daemon: as they are, faults included, so that the daemon's own checks
// say the same sentence whether the library was loaded here or there. Lists and texts are read as far as
// those checks would read them.
#pragma once

#include <tocsin/plugin.h>

#include "wire/codec.hpp"

namespace tocsin::wire {

inline constexpr std::size_t kMostTypes = 256;
inline constexpr std::size_t kMostWords = 65;  // one more than the checks allow

// A list that ends with NULL, or is NULL.
template <class Io>
void pass_words(Io& io, const char* const*& words) {
  std::uint32_t count = kAbsent;
  if constexpr (!Io::kReads) {
    if (words != nullptr) {
      for (count = 0; count < kMostWords && words[count] != nullptr;) ++count;
    }
  }
  io(count);
  if constexpr (Io::kReads) {
    words = nullptr;
    if (count == kAbsent) return;
    if (count > kMostWords) return io.spoil();
    auto* const made = io.shelf().template place<const char*>(count + 1);
    for (std::uint32_t i = 0; i < count; ++i) io(made[i]);
    made[count] = nullptr;
    words = made;
  } else if (count != kAbsent) {
    for (std::uint32_t i = 0; i < count; ++i) io(words[i]);
  }
}

// Without its functions, which stay where they are: `functions` has a bit for each that is there.
template <class Io>
void pass(Io& io, tocsin_channel_type& t, std::uint32_t& functions) {
  io(t.size, t.threading, t.flags, t.retries, t.rate_per_minute, t.burst, t.type, t.name, t.summary,
     t.version, t.vendor, t.license, t.url, t.settings_schema, functions);
  pass_words(io, t.requires_ext);
  pass_words(io, t.uses_ext);
  pass_words(io, t.egress);
}

enum : std::uint32_t {
  kHasApi = 1,
  kHasCreate = 2,
  kHasDestroy = 4,
  kHasDeliver = 8,
  kHasCancel = 16,
  kHasVerify = 32
};

}  // namespace tocsin::wire
