// See check.hpp.
#include "ctl/check.hpp"

#include <boost/json.hpp>

#include "app/check_config.hpp"

namespace tocsin::ctl {
namespace {

namespace json = boost::json;

void print_json(const std::string& file, const app::ConfigReport& report, Console& console) {
  json::array errors;
  for (const auto& error : report.errors) {
    errors.push_back(json::object{{"pointer", error.pointer}, {"message", error.message}});
  }
  json::array warnings;
  for (const auto& warning : report.warnings) warnings.emplace_back(warning);
  const json::object document{{"file", file},
                              {"ok", report.errors.empty()},
                              {"errors", std::move(errors)},
                              {"warnings", std::move(warnings)},
                              {"plugins", report.plugins},
                              {"teams", report.teams},
                              {"channels", report.channels},
                              {"rules", report.rules}};
  console.out << json::serialize(document) << '\n';
}

void print_text(const std::string& file, const app::ConfigReport& report, Console& console) {
  for (const auto& error : report.errors) {
    const auto place = error.pointer.empty() ? std::string() : printable(error.pointer) + ": ";
    console.err << "error: " << place << printable(error.message) << '\n';
  }
  for (const auto& warning : report.warnings) console.err << "warning: " << printable(warning) << '\n';
  if (!report.errors.empty() || console.quiet) return;
  console.out << file << (report.warnings.empty() ? " is sound: " : " would start: ")
              << counted(report.plugins, "plugin", "plugins") << ", "
              << counted(report.teams, "team", "teams") << ", "
              << counted(report.channels, "channel", "channels") << ", "
              << counted(report.rules, "rule", "rules") << '\n';
}

}  // namespace

Exit check_config(const std::string& file, bool strict, Console& console) {
  const auto report = app::check_config(file);
  if (console.json) {
    print_json(file, report, console);
  } else {
    print_text(file, report, console);
  }
  return report.errors.empty() && (report.warnings.empty() || !strict) ? Exit::kOk : Exit::kFailed;
}

}  // namespace tocsin::ctl
