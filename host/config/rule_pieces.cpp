// See rule_pieces.hpp.
#include "config/rule_pieces.hpp"

namespace tocsin::config {
namespace {

constexpr std::size_t kPieceBytes = 8 * 1024;  // small enough to stay in the cache

// Follows strings and brackets from line to line, as far as needed to tell a table header from a value.
class LineState {
 public:
  [[nodiscard]] bool at_top() const { return depth_ == 0 && multi_line_.empty(); }

  void read(std::string_view line) {
    while (!line.empty()) {
      if (!multi_line_.empty()) {
        const auto end = find_end(line, multi_line_);
        if (end == std::string_view::npos) return;
        line.remove_prefix(end + multi_line_.size());
        multi_line_ = {};
        continue;
      }
      const char c = line.front();
      if (c == '#') return;
      if (c == '"' || c == '\'') {
        line = read_string(line);
        continue;
      }
      if (c == '[' || c == '{') ++depth_;
      if (c == ']' || c == '}') --depth_;
      line.remove_prefix(1);
    }
  }

 private:
  // The closing quotes' position; a backslash in a basic string hides what follows it.
  static std::size_t find_end(std::string_view text, std::string_view quotes) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\' && quotes.front() == '"') {
        ++i;
      } else if (text.substr(i).starts_with(quotes)) {
        return i;
      }
    }
    return std::string_view::npos;
  }

  // What follows the string at the front of `line`.
  std::string_view read_string(std::string_view line) {
    constexpr std::string_view kQuotes = "\"\"\"'''";
    const auto three = kQuotes.substr(line.front() == '"' ? 0 : 3, 3);
    if (line.starts_with(three)) {
      multi_line_ = three;
      return line.substr(3);
    }
    const auto end = find_end(line.substr(1), three.substr(0, 1));
    return end == std::string_view::npos ? std::string_view() : line.substr(end + 2);
  }

  int depth_ = 0;
  std::string_view multi_line_;  // the quotes that end the string we are in
};

// "[[team.rule]]" of "  [[ team.rule ]] # first"; "" where the line is no header.
std::string header_of(std::string_view line) {
  std::string header;
  for (const char c : line) {
    if (c == '#') break;
    if (c != ' ' && c != '\t' && c != '\r' && c != '\n') header += c;
    if (header.size() == 1 && c != '[') return {};
  }
  return header;
}

enum class Header { kTeam, kRule, kInRule, kOther, kUnusual };

Header judge(std::string_view header) {
  if (header == "[[team]]") return Header::kTeam;
  if (header == "[[team.rule]]") return Header::kRule;
  if (header.starts_with("[team.channel.")) return Header::kOther;
  if (header.find_first_of("\"'\\") != std::string_view::npos) return Header::kUnusual;
  if (header.starts_with("[team.rule.") || header.starts_with("[[team.rule.")) return Header::kInRule;
  return Header::kOther;
}

class Cutter {
 public:
  std::optional<RulePieces> cut(std::string_view toml) {
    for (std::size_t begin = 0; begin < toml.size();) {
      const auto newline = toml.find('\n', begin);
      const auto end = newline == std::string_view::npos ? toml.size() : newline + 1;
      const auto line = toml.substr(begin, end - begin);
      const auto header = state_.at_top() ? header_of(line) : std::string();
      if (header.empty()) {
        state_.read(line);
      } else if (!enter(judge(header), toml, begin)) {
        return std::nullopt;
      }
      out_.rest += in_rule_ ? std::string_view("\n") : line;
      begin = end;
    }
    close(toml, toml.size());
    if (out_.pieces.empty() || !state_.at_top()) return std::nullopt;
    return std::move(out_);
  }

 private:
  bool enter(Header header, std::string_view toml, std::size_t at) {
    switch (header) {
      case Header::kUnusual:
        return false;
      case Header::kInRule:
        return in_rule_;
      case Header::kRule:
        if (teams_ == 0) return false;
        if (!in_rule_) start_ = at;
        if (at - start_ >= kPieceBytes) close(toml, at);
        in_rule_ = true;
        return true;
      case Header::kTeam:
      case Header::kOther:
        close(toml, at);
        in_rule_ = false;
        if (header == Header::kTeam) ++teams_;
        return true;
    }
    return false;
  }

  // Ends the piece before `at`; the next begins there.
  void close(std::string_view toml, std::size_t at) {
    if (in_rule_ && at > start_) out_.pieces.push_back({teams_ - 1, toml.substr(start_, at - start_)});
    start_ = at;
  }

  RulePieces out_;
  LineState state_;
  std::size_t teams_ = 0;
  std::size_t start_ = 0;
  bool in_rule_ = false;
};

}  // namespace

std::optional<RulePieces> cut_rules(std::string_view toml) {
  return Cutter().cut(toml);
}

}  // namespace tocsin::config
