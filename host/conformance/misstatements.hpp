// What is wrong with the texts that a plugin gives its host, whatever they say: too long to be kept, not
// UTF-8, too many. What it does not judge: secrets in them, which is Trial's.
#pragma once

#include <cstdint>
#include <string>
#include <tocsin/testing/records.hpp>
#include <utility>
#include <vector>

namespace tocsin::conformance {

struct Misstatement {
  std::string what;
  std::string fix;
};

// `log` is what one attempt wrote, `name` its message.
[[nodiscard]] std::vector<Misstatement> find_misstatements(
    const testing::completion& done, const std::vector<std::pair<std::uint32_t, std::string>>& log,
    const std::string& name);

}  // namespace tocsin::conformance
