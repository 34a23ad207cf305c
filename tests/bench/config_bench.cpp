// How long a configuration with 100,000 rules takes to load (TOML, checks, compiled rules) and what it leaves
// in memory. Prints one JSON object; takes no arguments.
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "config/config.hpp"

namespace {

constexpr int kRules = 100'000;

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  double total = 0, resident = 0;
  status >> total >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

double peak_mb() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024 / 1e6;
}

void write_config(const std::string& path) {
  std::ofstream out(path);
  out << "[[team]]\nname = \"bench\"\n";
  for (int i = 0; i < 100; ++i) {
    out << "[[team.channel]]\nname = \"channel-" << i << "\"\ntype = \"webhook\"\n";
  }
  for (int i = 0; i < kRules; ++i) {
    out << "[[team.rule]]\nname = \"rule-" << i << "\"\ncategory = \"security_alert\"\n"
        << "severities = [\"critical\", \"high\"]\nsources = [\"source" << i % 10 << "\"]\n"
        << "events = [\"finding.*\"]\nlabels = { service = \"service" << i << "\" }\n"
        << "channels = [\"channel-" << i % 100 << "\"]\n";
  }
}

}  // namespace

int main() {
  const auto path =
      (std::filesystem::temp_directory_path() / ("tocsin-bench-" + std::to_string(::getpid()))).string();
  write_config(path);
  const double before_mb = resident_mb();
  const auto start = std::chrono::steady_clock::now();
  const auto config = tocsin::config::load_config(path);
  const double ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  const auto size = std::filesystem::file_size(path);
  std::filesystem::remove(path);
  if (!config) {
    std::fprintf(stderr, "%s\n", config.error().detail.c_str());
    return 1;
  }
  std::printf(
      "{\"benchmark\": \"config\", \"rules\": %d, \"file_mb\": %.1f, \"load_ms\": %.0f, \"kept_mb\": %.1f, "
      "\"peak_mb\": %.1f}\n",
      kRules, static_cast<double>(size) / 1e6, ms, resident_mb() - before_mb, peak_mb());
}
