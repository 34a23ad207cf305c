// Values as bytes and back: one description of a struct (abi.hpp) serves both directions, so the two sides
// cannot disagree. Numbers are the machine's own, since both ends are one build on one machine. A reader
// trusts nothing: it stops at the first thing that does not fit and says so.
#pragma once

#include <tocsin/types.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace tocsin::wire {

inline constexpr std::uint32_t kAbsent = 0xFFFFFFFF;
inline constexpr std::uint32_t kMostItems = 65'536;

class Writer {
 public:
  static constexpr bool kReads = false;
  explicit Writer(std::string& out) : out_(out) {}

  template <class... Values>
  void operator()(const Values&... values) {
    (put(values), ...);
  }
  template <class Item>
  void list(const Item* const& items, const std::size_t& count) {
    const auto n = static_cast<std::uint32_t>(items == nullptr ? 0 : count);
    put(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      Item item = items[i];
      pass(*this, item);
    }
  }

 private:
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void put(Number value) { out_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(const tocsin_str& text) {
    put(text.ptr == nullptr ? kAbsent : static_cast<std::uint32_t>(text.len));
    if (text.ptr != nullptr) out_.append(text.ptr, text.len);
  }
  void put(const std::string& text) { put(tocsin_str{text.data(), text.size()}); }
  void put(const char* text) { put(tocsin_lit(text)); }

  std::string& out_;
};

// Where the lists of what was read live.
class Shelf {
 public:
  template <class Item>
  Item* place(std::size_t count) {
    // NOLINTNEXTLINE(bugprone-sizeof-expression): an item may be a pointer, as each event of a message is
    auto& block = blocks_.emplace_back(count * sizeof(Item) / sizeof(std::uint64_t) + 1);
    return reinterpret_cast<Item*>(block.data());
  }
  const char* keep(std::string text) { return texts_.emplace_back(std::move(text)).c_str(); }

 private:
  std::deque<std::vector<std::uint64_t>> blocks_;
  std::deque<std::string> texts_;
};

// Texts point into `bytes`, lists into the shelf: both outlive what was read.
class Reader {
 public:
  static constexpr bool kReads = true;
  Reader(std::string_view bytes, Shelf& shelf) : bytes_(bytes), shelf_(shelf) {}
  [[nodiscard]] bool good() const { return good_; }
  void spoil() { good_ = false; }

  template <class... Values>
  void operator()(Values&... values) {
    (take(values), ...);
  }
  template <class Item>
  void list(const Item*& items, std::size_t& count) {
    std::uint32_t n = 0;
    take(n);
    if (n > kMostItems || n > bytes_.size()) good_ = false;  // every item takes a byte at least
    items = nullptr;
    count = 0;
    if (!good_ || n == 0) return;
    Item* const made = shelf_.place<Item>(n);
    for (std::uint32_t i = 0; i < n && good_; ++i) {
      made[i] = Item{};
      pass(*this, made[i]);
    }
    items = made;
    count = n;
  }
  [[nodiscard]] Shelf& shelf() { return shelf_; }

 private:
  template <class Number>
  requires std::is_arithmetic_v<Number>
  void take(Number& value) {
    if (bytes_.size() < sizeof value) good_ = false;
    if (!good_) {
      value = 0;
      return;
    }
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }
  void take(tocsin_str& text) {
    std::uint32_t length = 0;
    take(length);
    text = {nullptr, 0};
    if (length == kAbsent) return;
    if (length > bytes_.size()) good_ = false;
    if (!good_) return;
    text = {bytes_.data(), length};
    bytes_.remove_prefix(length);
  }
  void take(std::string& text) {
    tocsin_str view{};
    take(view);
    text.assign(view.ptr == nullptr ? "" : view.ptr, view.len);
  }
  void take(const char*& text) {
    tocsin_str view{};
    take(view);
    text = view.ptr == nullptr ? nullptr : shelf_.keep(std::string(view.ptr, view.len));
  }

  std::string_view bytes_;
  Shelf& shelf_;
  bool good_ = true;
};

// What a sized struct says of itself, the rest zero: nothing behind `size` is read.
template <class Sized>
[[nodiscard]] Sized cut(const Sized& given) {
  Sized copy{};
  std::memcpy(&copy, &given, given.size < sizeof copy ? given.size : sizeof copy);
  copy.size = given.size;
  return copy;
}

}  // namespace tocsin::wire
