// See plugin_project.hpp. The template is a real project called acme; what is written is that with another
// name.
#include "ctl/plugin_project.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>

namespace tocsin::ctl {
namespace {

namespace fs = std::filesystem;

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 32 || name[0] < 'a' || name[0] > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == name.npos;
}

// "my_pager" -> "MyPager".
std::string capitalised(std::string_view name) {
  std::string out;
  bool start = true;
  for (const char c : name) {
    if (c == '_') {
      start = true;
      continue;
    }
    out.push_back(start && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    start = false;
  }
  return out;
}

std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string out;
  for (auto at = text.find(what); at != text.npos; at = text.find(what)) {
    out.append(text.substr(0, at)).append(with);
    text.remove_prefix(at + what.size());
  }
  return out.append(text);
}

std::string named(std::string_view text, const std::string& name) {
  return replaced(replaced(text, "acme", name), "Acme", capitalised(name));
}

Exit fail(Console& console, Exit exit, const std::string& why) {
  console.err << "tocsin: " << printable(why) << '\n';
  return exit;
}

}  // namespace

Exit write_plugin_project(const PluginProject& project, Console& console) {
  if (!is_name(project.name)) {
    return fail(console, Exit::kUsage,
                "\"" + project.name + "\" is no plugin name; use [a-z][a-z0-9_]*, at most 32 characters");
  }
  const std::string language = project.language == "c" ? "c" : "cpp";
  const fs::path folder = project.folder.empty() ? project.name : project.folder;
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return fail(console, Exit::kFailed, folder.string() + " is there already; choose another --dir");
  }
  fs::create_directories(folder, error);
  if (error) return fail(console, Exit::kFailed, folder.string() + " cannot be made: " + error.message());
  for (const TemplateFile& file : plugin_template()) {
    if (file.language != language) continue;
    const fs::path path = folder / named(file.name, project.name);
    std::ofstream out(path, std::ios::binary);
    out << named(file.text, project.name);
    if (!out.flush()) return fail(console, Exit::kFailed, path.string() + " cannot be written");
  }
  if (console.json) {
    const boost::json::object document{{"name", project.name}, {"folder", folder.string()}};
    console.out << boost::json::serialize(document) << '\n';
  } else if (console.quiet) {
    console.out << folder.string() << '\n';
  } else {
    console.out << "Wrote " << folder.string() << ". Build it and run its tests:\n\n  cmake -S "
                << folder.string() << " -B " << (folder / "build").string() << "\n  cmake --build "
                << (folder / "build").string() << "\n  ctest --test-dir " << (folder / "build").string()
                << " --output-on-failure\n";
  }
  return Exit::kOk;
}

}  // namespace tocsin::ctl
