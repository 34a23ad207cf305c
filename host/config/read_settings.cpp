// A channel's settings: arbitrary TOML in, a JSON object out, because plugins and their schemas speak JSON.
// What the settings mean is the plugin's business.
#include <boost/json.hpp>
#include <cmath>

#include "config/readers.hpp"
#include "config/secret_source.hpp"

namespace tocsin::config {
namespace {

namespace json = boost::json;

constexpr int kDeepest = 16;

// { file = "…" }, { env = "…" } or { credential = "…" }.
bool is_secret_reference(const Node& node) {
  if (node.kind != Node::Kind::kTable || !node.is_inline || node.children.size() != 1) return false;
  const auto key = node.children.front().key;
  return key == "file" || key == "env" || key == "credential";
}

std::string escape_pointer(std::string_view key) {
  std::string out;
  for (const char c : key) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

class SettingsReader {
 public:
  SettingsReader(const std::string& folder, Problems& problems, ChannelConfig& channel)
      : folder_(folder), problems_(problems), channel_(channel) {}

  json::object object(const Node& table, const std::string& path, const std::string& pointer, int depth) {
    json::object out;
    for (const auto& member : table.children) {
      const auto its_path = path + "." + std::string(member.key);
      const auto its_pointer = pointer + "/" + escape_pointer(member.key);
      if (is_secret_reference(member)) {
        secret(member.children.front(), its_path, its_pointer);
      } else {
        out.emplace(json::string_view(member.key), value(member, its_path, its_pointer, depth));
      }
    }
    return out;
  }

 private:
  json::value value(const Node& node, const std::string& path, const std::string& pointer, int depth) {
    switch (node.kind) {
      case Node::Kind::kTable:
        if (too_deep(node, path, depth)) return nullptr;
        return object(node, path, pointer, depth + 1);
      case Node::Kind::kArray:
        if (too_deep(node, path, depth)) return nullptr;
        return array(node, path, pointer, depth + 1);
      case Node::Kind::kText:
      case Node::Kind::kDate:
        return json::string(json::string_view(node.text));
      case Node::Kind::kInteger:
        return node.integer;
      case Node::Kind::kBoolean:
        return node.boolean;
      case Node::Kind::kReal:
        if (!std::isfinite(node.real)) problems_.add(node.line, path, "must be a finite number");
        return std::isfinite(node.real) ? node.real : 0.0;
    }
    return nullptr;
  }

  json::value array(const Node& node, const std::string& path, const std::string& pointer, int depth) {
    json::array out;
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const auto index = std::to_string(i);
      const auto& element = node.children[i];
      if (is_secret_reference(element)) {
        problems_.add(element.line, path + "[" + index + "]",
                      "a secret reference cannot stand in an array: write the value");
        continue;
      }
      out.push_back(value(element, path + "[" + index + "]", pointer + "/" + index, depth));
    }
    return out;
  }

  bool too_deep(const Node& node, const std::string& path, int depth) {
    if (depth < kDeepest) return false;
    problems_.add(node.line, path,
                  "is nested deeper than " + std::to_string(kDeepest) + " levels: flatten it");
    return true;
  }

  void secret(const Node& source, const std::string& path, const std::string& pointer) {
    if (source.kind != Node::Kind::kText) {
      problems_.add(source.line, path,
                    "a secret reference takes a string: write { " + std::string(source.key) + " = \"…\" }");
      return;
    }
    const std::string name(source.text);
    security::Secret loaded;
    std::string problem;
    const bool found = source.key == "file"  ? load_secret_file(absolute_path(folder_, name), loaded, problem)
                       : source.key == "env" ? load_secret_variable(name, loaded, problem)
                                             : load_credential(name, loaded, problem);
    if (!found) {
      problems_.add(source.line, path, problem);
    } else {
      channel_.secrets.emplace_back(pointer, std::move(loaded));
    }
  }

  const std::string& folder_;
  Problems& problems_;
  ChannelConfig& channel_;
};

}  // namespace

void read_settings(const Node& settings, const std::string& path, const std::string& folder,
                   Problems& problems, ChannelConfig& channel) {
  SettingsReader reader(folder, problems, channel);
  channel.settings = json::serialize(reader.object(settings, path, "", 0));
}

}  // namespace tocsin::config
