// See plugin_files.hpp.
#include "ctl/plugin_files.hpp"

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "conformance/subject.hpp"
#include "conformance/validate.hpp"
#include "ctl/plugin_description.hpp"
#include "ops/log.hpp"

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
  input.sandboxed = options.sandboxed;
  // What the supervisor of that process has to tell, the command tells.
  if (input.sandboxed) {
    ops::LogOptions silent;
    silent.level = ops::LogLevel::kOff;
    ops::configure_log(silent);
  }
  if (options.settings.empty()) return true;
  std::ifstream in(options.settings, std::ios::binary);
  input.settings.assign(std::istreambuf_iterator<char>(in), {});
  json::error_code error;
  if (const auto value = json::parse(input.settings, error); !error && value.is_object()) return true;
  console.err << "tocsin: " << printable(options.settings) << " holds no JSON object of settings\n";
  return false;
}

Exit show_plugin(const std::string& file, Console& console) {
  conformance::CheckInput input;
  input.file = absolute(file);
  const auto subject = conformance::open_subject(input);
  if (!subject) {
    console.err << "tocsin: " << printable(subject.error().detail) << '\n';
    return Exit::kFailed;
  }
  json::array types;
  for (const auto& type : (*subject)->types) types.push_back(describe_type(*type.type));
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
  std::string sandbox;
  json::array checks;
  for (const auto& result : results) {
    good = good &&
           (result.verdict == Verdict::kPassed || (result.verdict == Verdict::kAdvised && !options.strict));
    checks.push_back(describe(result));
    if (!result.sandbox.empty()) sandbox = result.sandbox;
  }
  if (console.json) {
    json::object document{{"path", all.input.file},
                          {"ok", good},
                          {"strict", options.strict},
                          {"seed", options.seed},
                          {"mode", options.sandboxed ? "sandbox" : "in-process"},
                          {"checks", std::move(checks)}};
    if (options.sandboxed) document["sandbox"] = sandbox;
    console.out << json::serialize(document) << '\n';
  } else if (!console.quiet) {
    console.out << (good ? "\nThe plugin is valid" : "\nThe plugin is not valid")
                << (options.sandboxed ? " in a sandbox" + (sandbox.empty() ? "" : " (" + sandbox + ')')
                                      : std::string(" in a process without a sandbox"))
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
