// See problems.hpp.
#include "config/problems.hpp"

#include <algorithm>

#include "model/catalogue.hpp"

namespace tocsin::config {

void Problems::add(std::uint32_t line, const std::string& path, std::string message) {
  if (!path.empty() && !paths_.insert(path).second) return;
  problems_.push_back({line, path, std::move(message)});
}

std::string Problems::place(const Problem& problem) const {
  std::string text = file_;
  if (problem.line != 0) text += ":" + std::to_string(problem.line);
  return problem.path.empty() ? text : text + ": " + problem.path;
}

Error Problems::take_error() {
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  if (problems_.size() > 50) problems_.resize(50);
  Error error = make_error(Errc::kInvalid, place(problems_.front()) + ": " + problems_.front().message);
  for (auto& problem : problems_) error.fields.push_back({place(problem), std::move(problem.message)});
  return error;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
  if (const auto near = nearest_names(name, known, 1); !near.empty())
    return "; did you mean " + quote(near[0]) + "?";
  if (known.empty() || known.size() > 12) return {};
  std::string text = "; there is ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + known[i];
  return text;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text.substr(0, 80)) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return out += text.size() > 80 ? "…\"" : "\"";
}

}  // namespace tocsin::config
