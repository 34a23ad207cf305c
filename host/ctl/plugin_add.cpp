// See plugin_add.hpp.
#include "ctl/plugin_add.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "config/config.hpp"
#include "ctl/plugin_description.hpp"
#include "sandbox/sandboxes.hpp"

namespace tocsin::ctl {

namespace json = boost::json;

namespace {

// As a TOML basic string; a path with control characters is refused before.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string entry_of(const std::string& path, const std::string& sha256) {
  return "\n[[plugin]]\npath = " + quoted(path) + "\nsha256 = \"" + sha256 + "\"\n";
}

// A file of its own beside `file`, with a name that nobody can prepare, unreadable for others until it has
// the mode of `file`.
std::string write_beside(const std::string& file, const struct stat& like, const std::string& text,
                         std::string& fresh) {
  fresh = file + ".XXXXXX";
  const int made = ::mkstemp(fresh.data());  // 0600, never through a link
  if (made < 0) return "cannot have a file beside it";
  std::size_t done = 0;
  while (done < text.size()) {
    const auto written = ::write(made, text.data() + done, text.size() - done);
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  const bool good = done == text.size() && ::fchown(made, like.st_uid, like.st_gid) == 0 &&
                    ::fchmod(made, like.st_mode & 07777) == 0 && ::fsync(made) == 0;
  ::close(made);
  return good ? "" : "cannot be written anew with its owner and mode";
}

// Renamed into place: whoever reads it sees one or the other. What would not load is not put there.
std::string append(const std::string& listed, const std::string& entry) {
  std::error_code missing;
  const std::string file = std::filesystem::canonical(listed, missing).string();  // a link stays one
  if (missing) return "cannot be found";
  std::ifstream in(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof()) return "cannot be read";
  if (!text.empty() && text.back() != '\n') text += '\n';
  struct stat state {};
  if (::stat(file.c_str(), &state) != 0) return "cannot be examined";
  std::string fresh;
  std::string fault = write_beside(file, state, text + entry, fresh);
  if (fault.empty()) {
    if (const auto loaded = config::load_config(fresh); !loaded) {
      fault = "cannot be added to: " + loaded.error().detail;
    }
  }
  struct stat now {};
  const bool same = ::stat(file.c_str(), &now) == 0 && now.st_ino == state.st_ino &&
                    now.st_mtim.tv_sec == state.st_mtim.tv_sec &&
                    now.st_mtim.tv_nsec == state.st_mtim.tv_nsec;
  if (fault.empty() && !same) fault = "was changed by somebody meanwhile: run the command again";
  if (fault.empty() && std::rename(fresh.c_str(), file.c_str()) != 0) fault = "cannot be replaced";
  if (!fault.empty()) static_cast<void>(std::remove(fresh.c_str()));
  return fault;
}

Exit refuse(Console& console, const std::string& why) {
  console.err << "tocsin: " << printable(why) << '\n';
  return Exit::kFailed;
}

void show(const json::object& document, Console& console) {
  if (console.json) {
    console.out << json::serialize(document) << '\n';
    return;
  }
  console.out << printable(std::string_view(document.at("path").as_string())) << "\nsha256 "
              << std::string_view(document.at("sha256").as_string()) << "\nsandbox "
              << std::string_view(document.at("sandbox").as_string()) << '\n';
  for (const auto& type : document.at("types").as_array()) print_type(type.as_object(), console);
}

}  // namespace

Exit add_plugin_file(const PluginAddition& addition, Console& console) {
  std::error_code error;
  const std::string path = std::filesystem::canonical(addition.file, error).string();
  if (error) return refuse(console, addition.file + " cannot be found: " + error.message());
  if (std::any_of(path.begin(), path.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; })) {
    return refuse(console, "the path has control characters; give the file another name");
  }
  sandbox::Sandboxes sandboxes;
  const plugin::PluginSource source{path, "", plugin::Isolation::kSandbox, false};
  const auto set =
      plugin::PluginSet::load({source}, [&](const plugin::PluginSource& one) { return sandboxes.load(one); });
  const plugin::PluginState& state = set.states().front();
  if (!state.loaded) return refuse(console, state.problem);
  json::array types;
  for (const auto& type : set.types()) types.push_back(describe_type(*type));
  const auto sandbox = sandboxes.status(path);
  const json::object document{{"path", path},
                              {"sha256", state.sha256},
                              {"sandbox", sandbox ? sandbox->level : std::string()},
                              {"types", std::move(types)}};
  if (!addition.dry_run) {
    const auto config = config::load_config(addition.config);
    if (!config) return refuse(console, "the config cannot be added to: " + config.error().detail);
    for (const auto& listed : config->plugins) {
      if (std::filesystem::weakly_canonical(listed.path, error) == path) {
        return refuse(console,
                      addition.config + " lists it already, in line " + std::to_string(listed.position.line));
      }
    }
    const std::string fault = append(addition.config, entry_of(path, state.sha256));
    if (!fault.empty()) return refuse(console, addition.config + ' ' + fault);
  }
  show(document, console);
  if (!console.json && !console.quiet && !addition.dry_run) {
    console.out << "\nIt is listed in " << printable(addition.config)
                << " and runs in a sandbox once the daemon reads that again (SIGHUP).\n";
  }
  return Exit::kOk;
}

}  // namespace tocsin::ctl
