// See plugin_files.hpp.
#include "ctl/plugin_files.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "conformance/subject.hpp"
#include "conformance/validate.hpp"

namespace tocsin::ctl {

namespace json = boost::json;

namespace {

using conformance::CheckResult;
using conformance::Verdict;

constexpr int kFindings = 3;  // the descriptor that a parent reads

std::string absolute(const std::string& file) {
  std::error_code error;
  const auto path = std::filesystem::absolute(file, error).lexically_normal();
  return error ? file : path.string();
}

json::array words(const std::vector<std::string>& list) {
  json::array out;
  for (const auto& word : list) out.emplace_back(word);
  return out;
}

json::object describe(const conformance::SubjectType& one) {
  const auto& type = *one.type;
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

std::string joined(const json::value& list) {
  std::string out;
  for (const auto& word : list.as_array()) {
    out += (out.empty() ? "" : ", ") + printable(std::string_view(word.as_string()));
  }
  return out.empty() ? "nothing" : out;
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

std::string_view word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kPassed:
      return "passed";
    case Verdict::kAdvised:
      return "advice";
    case Verdict::kFailed:
      return "failed";
    default:
      return "skipped";
  }
}

json::object describe(const CheckResult& result) {
  json::array findings;
  for (const auto& one : result.findings) {
    findings.push_back(json::object{{"type", one.type},
                                    {"what", one.what},
                                    {"fix", one.fix},
                                    {"advice", one.advice},
                                    {"more", one.more}});
  }
  return {{"name", result.name},
          {"says", result.says},
          {"verdict", word(result.verdict)},
          {"took_ms", result.took_ms},
          {"findings", std::move(findings)}};
}

void print(const CheckResult& result, Console& console) {
  if (console.quiet && result.findings.empty()) return;
  std::string name = result.name;
  name.resize(11, ' ');
  console.out << word(result.verdict) << "  " << name << result.says << '\n';
  for (const auto& one : result.findings) {
    console.out << "  " << (one.type.empty() ? "" : printable(one.type) + ": ") << printable(one.what);
    if (one.more > 0) console.out << " (and " << one.more << " more like it)";
    console.out << "\n  fix: " << printable(one.fix) << '\n';
  }
}

}  // namespace

bool read_input(const PluginValidation& options, conformance::CheckInput& input, Console& console) {
  input.file = absolute(options.file);
  input.seed = options.seed;
  if (options.settings.empty()) return true;
  std::ifstream in(options.settings, std::ios::binary);
  input.settings.assign(std::istreambuf_iterator<char>(in), {});
  json::error_code error;
  if (const auto value = json::parse(input.settings, error); !error && value.is_object()) return true;
  console.err << "tocsin: " << printable(options.settings) << " holds no JSON object of settings\n";
  return false;
}

Exit show_plugin(const std::string& file, Console& console) {
  const auto subject = conformance::open_subject(absolute(file));
  if (!subject) {
    console.err << "tocsin: " << printable(subject.error().detail) << '\n';
    return Exit::kFailed;
  }
  json::array types;
  for (const auto& type : (*subject)->types) types.push_back(describe(type));
  json::object document{
      {"path", absolute(file)}, {"sha256", (*subject)->sha256}, {"types", std::move(types)}};
  if (console.json) {
    console.out << json::serialize(document) << '\n';
    return Exit::kOk;
  }
  console.out << printable(absolute(file)) << "\nsha256 " << (*subject)->sha256 << '\n';
  for (const auto& type : document.at("types").as_array()) print_type(type.as_object(), console);
  return Exit::kOk;
}

Exit validate_plugin(const PluginValidation& options, Console& console) {
  conformance::ValidateOptions all;
  if (!read_input(options, all.input, console)) return Exit::kUsage;
  if (!options.settings.empty()) all.settings_file = absolute(options.settings);
  all.program = options.program;
  all.limit_ms = std::int64_t{options.limit_s} * 1000;
  const auto results = conformance::validate_plugin(all, [&](const CheckResult& result) {
    if (!console.json) print(result, console);
  });
  bool good = true;
  json::array checks;
  for (const auto& result : results) {
    good = good &&
           (result.verdict == Verdict::kPassed || (result.verdict == Verdict::kAdvised && !options.strict));
    checks.push_back(describe(result));
  }
  if (console.json) {
    const json::object document{{"path", all.input.file},
                                {"ok", good},
                                {"strict", options.strict},
                                {"seed", options.seed},
                                {"checks", std::move(checks)}};
    console.out << json::serialize(document) << '\n';
  } else if (!console.quiet) {
    console.out << (good ? "\nThe plugin is valid" : "\nThe plugin is not valid")
                << (options.strict ? ", strictly" : "") << " (seed " << options.seed << ").\n";
  }
  return good ? Exit::kOk : Exit::kFailed;
}

Exit check_plugin(const PluginValidation& options, Console& console) {
  conformance::CheckInput input;
  if (!read_input(options, input, console)) return Exit::kUsage;
  conformance::Scribe scribe(kFindings);
  return conformance::run_check(options.check, input, scribe) ? Exit::kOk : Exit::kUsage;
}

}  // namespace tocsin::ctl
