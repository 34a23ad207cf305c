// See plugin_sources.hpp.
#include "app/plugin_sources.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

namespace tocsin::app {

namespace {

namespace fs = std::filesystem;

constexpr std::array kShipped{"webhook.so", "slack.so", "teams.so", "smtp.so", "in_app.so"};
// Seen from the folder of the executable: in a build, and where it is installed.
constexpr std::array kFolders{"../plugins", "../" TOCSIN_PLUGIN_FOLDER};

}  // namespace

bool is_shipped(const std::string& path) {
  std::error_code error;
  const fs::path real = fs::canonical(path, error);
  if (error) return false;
  const auto name = real.filename().string();
  if (std::find(kShipped.begin(), kShipped.end(), name) == kShipped.end()) return false;
  const fs::path own = fs::read_symlink("/proc/self/exe", error).parent_path();
  return std::any_of(kFolders.begin(), kFolders.end(), [&](const char* folder) {
    std::error_code missing;
    const fs::path ours = fs::canonical(own / folder, missing);
    return !missing && ours == real.parent_path();
  });
}

std::vector<plugin::PluginSource> plugin_sources(const config::Config& config) {
  std::vector<plugin::PluginSource> sources;
  for (const auto& listed : config.plugins) {
    plugin::PluginSource source{listed.path, listed.sha256, {}, listed.require == "full"};
    const bool in_process = listed.isolation.empty() ? listed.require.empty() && is_shipped(listed.path)
                                                     : listed.isolation == "in-process";
    source.isolation = in_process ? plugin::Isolation::kInProcess : plugin::Isolation::kSandbox;
    sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace tocsin::app
