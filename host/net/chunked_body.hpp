// Takes a chunked body apart, strictly and within a limit. Extensions are skipped and trailers are checked
// and dropped: nothing here has a use for them. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/request_head.hpp"

namespace tocsin::net {

class ChunkedBody {
 public:
  // Moves what it can from `in` to `body` and says how much of `in` it used; the rest is an unfinished line,
  // to be given again with more behind it, or, once done(), the next request.
  [[nodiscard]] std::optional<Refusal> take(std::string_view in, std::size_t limit, std::string& body,
                                            std::size_t& used);
  [[nodiscard]] bool done() const { return phase_ == Phase::kDone; }

 private:
  enum class Phase { kSize, kData, kDataEnd, kTrailer, kDone };
  [[nodiscard]] std::optional<Refusal> take_size(std::string_view line, std::size_t room);
  [[nodiscard]] std::optional<Refusal> take_trailer(std::string_view line);

  Phase phase_ = Phase::kSize;
  std::size_t left_ = 0;   // of the current chunk
  std::size_t extra_ = 0;  // bytes of extensions and trailers so far
};

}  // namespace tocsin::net
