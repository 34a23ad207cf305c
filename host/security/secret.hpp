// A secret value that cannot be printed by accident and is wiped when it goes. No operator<<, no formatter,
// no comparison that leaks time. Whoever needs the bytes says reveal().
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace tocsin::security {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  [[nodiscard]] std::string_view reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  void wipe() noexcept;
  std::string value_;
};

// Equal length and bytes, in time that does not depend on where they differ.
[[nodiscard]] bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace tocsin::security
