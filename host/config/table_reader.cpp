// See table_reader.hpp.
#include "config/table_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

namespace tocsin::config {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};
constexpr std::array<Unit, 5> kUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::int64_t kLongest = 36'525LL * 86'400'000;

constexpr std::string_view kDurationHelp = "write a duration such as \"90s\", \"1h30m\" or \"30d\"";

const Unit* find_unit(std::string_view name) {
  const auto* const found =
      std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == kUnits.end() ? nullptr : found;
}

}  // namespace

bool parse_duration(std::string_view text, std::int64_t& ms) {
  std::int64_t total = 0;
  std::int64_t unit_before = INT64_MAX;
  if (text.empty()) return false;
  while (!text.empty()) {
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
    if (error != std::errc() || text.front() == '-') return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto length = std::min(text.find_first_of("0123456789"), text.size());
    const Unit* unit = find_unit(text.substr(0, length));
    if (unit == nullptr || unit->ms >= unit_before || count > kLongest / unit->ms) return false;
    unit_before = unit->ms;
    total += count * unit->ms;
    text.remove_prefix(length);
  }
  if (total > kLongest) return false;
  ms = total;
  return true;
}

std::string format_duration(std::int64_t ms) {
  std::string text;
  for (const auto& unit : kUnits) {
    if (ms < unit.ms) continue;
    text += std::to_string(ms / unit.ms).append(unit.name);
    ms %= unit.ms;
  }
  return text.empty() ? "0s" : text;
}

TableReader::TableReader(const Node& node, std::string path, const Section& section, Problems& problems)
    : node_(node), path_(std::move(path)), section_(section), problems_(problems) {
  for (const auto& member : node.children) {
    if (std::find(section.keys.begin(), section.keys.end(), member.key) != section.keys.end()) continue;
    const std::vector<std::string> known(section.keys.begin(), section.keys.end());
    problems.add(member.line, place(member.key), "unknown key" + suggestion(member.key, known));
  }
}

bool TableReader::text(std::string_view key, std::string& out) {
  if (const char* value = override_of(key)) {
    out = value;
    return true;
  }
  const Node* value = expect(key, Node::Kind::kText);
  if (value != nullptr) out = value->text;
  return value != nullptr;
}

bool TableReader::required_text(std::string_view key, std::string& out) {
  if (find(key) == nullptr) {
    problem(key, "is missing: add " + std::string(key) + " = \"…\"");
    return false;
  }
  return text(key, out);
}

bool TableReader::flag(std::string_view key, bool& out) {
  if (const char* value = override_of(key)) {
    const std::string_view word = value;
    if (word != "true" && word != "false") {
      problem(key, quote(word) + " is neither true nor false");
      return false;
    }
    out = word == "true";
    return true;
  }
  const Node* value = expect(key, Node::Kind::kBoolean);
  if (value != nullptr) out = value->boolean;
  return value != nullptr;
}

bool TableReader::duration(std::string_view key, std::int64_t& ms, std::int64_t min, std::int64_t max) {
  const Node* node = find(key);
  if (node != nullptr && node->kind != Node::Kind::kText && override_of(key) == nullptr) {
    problem(key,
            "must be a string, not " + std::string(name_of(node->kind)) + ": " + std::string(kDurationHelp));
    return false;
  }
  std::string written;
  if (!text(key, written)) return false;
  std::int64_t value = 0;
  if (!parse_duration(written, value)) {
    problem(key, quote(written) + " is no duration: " + std::string(kDurationHelp));
    return false;
  }
  if (value < min || value > max) {
    problem(key,
            written + " is out of range: it may be " + format_duration(min) + " to " + format_duration(max));
    return false;
  }
  ms = value;
  return true;
}

bool TableReader::texts(std::string_view key, std::vector<std::string>& out) {
  const Node* array = expect(key, Node::Kind::kArray);
  return array != nullptr && texts_of(*array, key, out);
}

bool TableReader::text_or_texts(std::string_view key, std::vector<std::string>& out) {
  const Node* value = find(key);
  if (override_of(key) != nullptr || (value != nullptr && value->kind == Node::Kind::kText)) {
    std::string one;
    text(key, one);
    out = {std::move(one)};
    return true;
  }
  if (value != nullptr && value->kind != Node::Kind::kArray) {
    problem(key, "must be a string or an array of strings, not " + std::string(name_of(value->kind)));
    return false;
  }
  return value != nullptr && texts_of(*value, key, out);
}

bool TableReader::texts_of(const Node& array, std::string_view key, std::vector<std::string>& out) {
  std::vector<std::string> read;
  read.reserve(array.children.size());
  for (std::size_t i = 0; i < array.children.size(); ++i) {
    const auto& element = array.children[i];
    if (element.kind == Node::Kind::kText) {
      read.emplace_back(element.text);
    } else {
      problem(key, i, "must be a string, not " + std::string(name_of(element.kind)));
    }
  }
  const bool whole = read.size() == array.children.size();
  if (whole) out = std::move(read);
  return whole;
}

std::span<const Node> TableReader::tables(std::string_view key) {
  const Node* value = find(key);
  if (value == nullptr) return {};
  const bool usable = value->kind == Node::Kind::kArray &&
                      std::all_of(value->children.begin(), value->children.end(),
                                  [](const Node& element) { return element.kind == Node::Kind::kTable; });
  if (usable) return value->children;
  const std::string name =
      section_.name.empty() ? std::string(key) : std::string(section_.name) + "." + std::string(key);
  problem(key, "must be an array of tables: write [[" + name + "]]");
  return {};
}

const Node* TableReader::table(std::string_view key) {
  return expect(key, Node::Kind::kTable);
}

const Node* TableReader::find(std::string_view key) const {
  TOCSIN_EXPECT(std::find(section_.keys.begin(), section_.keys.end(), key) != section_.keys.end());
  return node_.find(key);
}

std::uint32_t TableReader::line(std::string_view key) const {
  const Node* value = node_.find(key);
  return value == nullptr ? node_.line : value->line;
}

std::string TableReader::place(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

std::string TableReader::place(std::string_view key, std::size_t index) const {
  return place(key) + "[" + std::to_string(index) + "]";
}

void TableReader::problem(std::string_view key, std::string message) {
  if (override_of(key) == nullptr) {
    problems_.add(line(key), place(key), std::move(message));
  } else {
    problems_.add(0, place(key), variable(key) + " in the environment: " + message);
  }
}

void TableReader::problem(std::string_view key, std::size_t index, std::string message) {
  const Node* value = node_.find(key);
  const bool has = value != nullptr && value->kind == Node::Kind::kArray && index < value->children.size();
  problems_.add(has ? value->children[index].line : line(key), place(key, index), std::move(message));
}

bool TableReader::read_integer(std::string_view key, std::int64_t& out, std::int64_t min, std::int64_t max) {
  const Node* value = expect(key, Node::Kind::kInteger);
  if (value == nullptr) return false;
  if (value->integer < min || value->integer > max) {
    problem(key, std::to_string(value->integer) + " is out of range: it may be " + std::to_string(min) +
                     " to " + std::to_string(max));
    return false;
  }
  out = value->integer;
  return true;
}

const Node* TableReader::expect(std::string_view key, Node::Kind kind) {
  const Node* value = find(key);
  if (value == nullptr || value->kind == kind) return value;
  problem(key, "must be " + std::string(name_of(kind)) + ", not " + std::string(name_of(value->kind)));
  return nullptr;
}

std::string TableReader::variable(std::string_view key) const {
  std::string name = "TOCSIN_" + std::string(section_.name) + "_" + std::string(key);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return name;
}

const char* TableReader::override_of(std::string_view key) const {
  return environment_ ? std::getenv(variable(key).c_str()) : nullptr;
}

}  // namespace tocsin::config
