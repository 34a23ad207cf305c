// tocsin/testing/json_check.hpp - whether a text is JSON.
//
// Why: the test kit has no JSON library, and a body that does not parse is the commonest fault of a channel.
// What it does not do: build anything, or judge names that stand twice.
#pragma once

#include <cctype>
#include <string_view>

namespace tocsin::testing {

namespace detail {

class json_scanner {
 public:
  explicit json_scanner(std::string_view text) : rest_(text) {}
  bool whole() {
    const bool good = value(0);
    blanks();
    return good && rest_.empty();
  }

 private:
  static constexpr int kMostDepth = 256;

  void blanks() {
    while (!rest_.empty() && std::string_view(" \t\r\n").find(rest_[0]) != rest_.npos) rest_.remove_prefix(1);
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool digits() {
    std::size_t n = 0;
    while (n < rest_.size() && rest_[n] >= '0' && rest_[n] <= '9') ++n;
    rest_.remove_prefix(n);
    return n > 0;
  }
  bool number() {
    take("-");
    if (!take("0") && !digits()) return false;
    if (take(".") && !digits()) return false;
    if (!take("e") && !take("E")) return true;
    if (!take("+")) take("-");
    return digits();
  }
  bool hex4() {
    if (rest_.size() < 4) return false;
    for (const char c : rest_.substr(0, 4)) {
      if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return false;
    }
    rest_.remove_prefix(4);
    return true;
  }
  bool text() {
    if (!take("\"")) return false;
    while (!rest_.empty()) {
      const char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') continue;
      if (take("u")) {
        if (!hex4()) return false;
      } else if (rest_.empty() || std::string_view("\"\\/bfnrt").find(rest_[0]) == rest_.npos) {
        return false;
      } else {
        rest_.remove_prefix(1);
      }
    }
    return false;
  }
  bool list(std::string_view end, bool named, int depth) {
    blanks();
    if (take(end)) return true;
    do {
      if (named) {
        blanks();
        if (!text()) return false;
        blanks();
        if (!take(":")) return false;
      }
      if (!value(depth + 1)) return false;
      blanks();
    } while (take(","));
    return take(end);
  }
  bool value(int depth) {
    blanks();
    if (depth > kMostDepth || rest_.empty()) return false;
    if (take("{")) return list("}", true, depth);
    if (take("[")) return list("]", false, depth);
    if (rest_[0] == '"') return text();
    return take("true") || take("false") || take("null") || number();
  }

  std::string_view rest_;
};

}  // namespace detail

inline bool is_json(std::string_view text) {
  return detail::json_scanner(text).whole();
}

}  // namespace tocsin::testing
