// See plugin_description.hpp.
#include "ctl/plugin_description.hpp"

#include <boost/json.hpp>

namespace tocsin::ctl {

namespace json = boost::json;

namespace {

json::array words(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& word : list) out.emplace_back(word);
  return out;
}

std::string joined(const json::value& list) {
  std::string out;
  for (const auto& word : list.as_array()) {
    out += (out.empty() ? "" : ", ") + printable(std::string_view(word.as_string()));
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

json::object describe_type(const plugin::ChannelType& type) {
  json::error_code error;
  return {{"type", type.type},
          {"name", type.name},
          {"version", type.version},
          {"summary", type.summary},
          {"requires", words(type.required_extensions)},
          {"uses", words(type.used_extensions)},
          {"egress", words(type.egress)},
          {"rate_per_minute", type.rate_per_minute},
          {"digests", (type.flags & TOCSIN_TAKES_DIGESTS) != 0},
          {"verifies", type.verifies},
          {"settings_schema", json::parse(type.schema_json, error)}};
}

void print_type(const json::object& type, Console& console) {
  const auto text = [&](const char* key) { return printable(std::string_view(type.at(key).as_string())); };
  console.out << '\n' << text("type") << ' ' << text("version") << ": " << text("name");
  if (!text("summary").empty()) console.out << ". " << text("summary");
  console.out << "\n  requires  " << joined(type.at("requires")) << "\n  uses      "
              << joined(type.at("uses")) << "\n  egress    " << joined(type.at("egress")) << "\n  settings\n";
  const auto* properties = type.at("settings_schema").as_object().if_contains("properties");
  if (properties == nullptr || !properties->is_object()) return;
  for (const auto& member : properties->get_object()) {
    const auto& schema = member.value().as_object();
    const auto* title = schema.if_contains("title");
    const auto* secret = schema.if_contains("writeOnly");
    console.out << "    " << printable(std::string_view(member.key()));
    if (secret != nullptr && secret->is_bool() && secret->get_bool()) console.out << " (secret)";
    if (title != nullptr && title->is_string())
      console.out << ": " << printable(std::string_view(title->get_string()));
    console.out << '\n';
  }
}

}  // namespace tocsin::ctl
