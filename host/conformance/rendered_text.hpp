// Lines of ASCII that show any text safely and briefly, the same for the same text. Why: they are read in
// terminals and reviews and kept in files, and a plugin may say anything. What it does not do: know what the
// text is of.
#pragma once

#include <string>
#include <string_view>

namespace tocsin::conformance {

// What is not printable ASCII as \u{…}, a byte that is no UTF-8 as \x{…}.
[[nodiscard]] std::string to_ascii(std::string_view text);

class RenderedText {
 public:
  void line(std::string_view text);  // one line, cut at 200 characters
  // "  N bytes, sha256 …", then its lines below it: JSON laid out, other text as it is; at most 80. The hash
  // is of all of it, so that a change behind a cut is one too. Nothing for an empty one.
  void body(std::string_view text);
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace tocsin::conformance
