// See line_diff.hpp: the longest common subsequence, by the table.
#include "ctl/line_diff.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tocsin::ctl {
namespace {

constexpr std::size_t kContext = 2;

struct Line {
  char mark;  // ' ', '-' or '+'
  std::string_view text;
};

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

std::vector<Line> compare(const std::vector<std::string_view>& was, const std::vector<std::string_view>& is) {
  const std::size_t width = is.size() + 1;
  std::vector<std::uint32_t> common((was.size() + 1) * width, 0);  // of what is left from there on
  for (std::size_t i = was.size(); i-- > 0;) {
    for (std::size_t j = is.size(); j-- > 0;) {
      common[i * width + j] = was[i] == is[j]
                                  ? common[(i + 1) * width + j + 1] + 1
                                  : std::max(common[(i + 1) * width + j], common[i * width + j + 1]);
    }
  }
  std::vector<Line> out;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < was.size() || j < is.size()) {
    if (i < was.size() && j < is.size() && was[i] == is[j]) {
      out.push_back({' ', was[i++]});
      ++j;
    } else if (j == is.size() ||
               (i < was.size() && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
      out.push_back({'-', was[i++]});
    } else {
      out.push_back({'+', is[j++]});
    }
  }
  return out;
}

}  // namespace

std::string diff_lines(std::string_view was, std::string_view is) {
  const auto lines = compare(split(was), split(is));
  const auto near_change = [&](std::size_t at) {
    const std::size_t end = std::min(lines.size(), at + kContext + 1);
    for (std::size_t i = at - std::min(at, kContext); i < end; ++i) {
      if (lines[i].mark != ' ') return true;
    }
    return false;
  };
  std::string out;
  bool gap = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!near_change(i)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += "...\n";
    gap = false;
    out += std::string(1, lines[i].mark) + ' ' + std::string(lines[i].text) + '\n';
  }
  return out;
}

}  // namespace tocsin::ctl
