// tocsind: the daemon. Reads its configuration, serves until SIGTERM or SIGINT, reloads on SIGHUP. Exit
// status: 0 stopped as asked, 1 stopped by a failure, 2 wrong usage or configuration.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>

#include "app/check_config.hpp"
#include "app/host.hpp"
#include "ops/log.hpp"
#include "version.hpp"

namespace {

using tocsin::config::Config;
namespace ops = tocsin::ops;

// SIGTERM has to leave time to be restarted by the service manager before it loses patience (90 s by
// default).
constexpr std::int64_t kDrainGraceMs = 30'000;

void print_errors(const tocsin::Error& error) {
  if (error.fields.empty()) std::fprintf(stderr, "tocsind: %s\n", error.detail.c_str());
  for (const auto& field : error.fields) {
    std::fprintf(stderr, "tocsind: %s: %s\n", field.pointer.c_str(), field.message.c_str());
  }
}

bool configure_log(const Config& config) {
  ops::LogOptions options;
  const auto level = ops::parse_log_level(config.log.level);
  const auto format = ops::parse_log_format(config.log.format);
  if (!level || !format) return false;
  options.level = *level;
  options.format = *format;
  ops::configure_log(options);
  return true;
}

// The signals the main thread waits for; blocked before any thread is made, so that all threads inherit it.
sigset_t block_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void reload(tocsin::app::Host& host, const std::string& file) {
  auto config = tocsin::config::load_config(file);
  const auto reloaded = config ? host.reload(*config) : tocsin::Result<void>(config.error());
  if (reloaded) {
    configure_log(*config);
    ops::log_info("app", "configuration reloaded", {{"file", file}});
  } else {
    ops::log_error("app", "reload refused, the old configuration stays in force: " + reloaded.error().detail,
                   {{"file", file}, {"faults", reloaded.error().fields.size()}});
    for (const auto& field : reloaded.error().fields) {
      ops::log_error("app", "configuration: " + field.message, {{"at", field.pointer}});
    }
  }
}

// Streams, connections and exchanges take a descriptor each; the soft limit is often 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const std::string& file) {
  const sigset_t signals = block_signals();
  const auto config = tocsin::config::load_config(file);
  if (!config) {
    print_errors(config.error());
    return 2;
  }
  configure_log(*config);
  raise_descriptor_limit();
  const tocsin::SystemClock clock;
  auto host = tocsin::app::Host::open(*config, clock);
  if (!host) {
    print_errors(host.error());
    return host.error().code == tocsin::Errc::kInvalid ? 2 : 1;
  }
  if (const auto started = (*host)->start(); !started) {
    print_errors(started.error());
    return started.error().code == tocsin::Errc::kInvalid ? 2 : 1;
  }
  for (const auto& address : (*host)->addresses()) {
    ops::log_info("app", "serving", {{"address", address}, {"version", TOCSIN_VERSION}});
  }
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGHUP) {
      reload(**host, file);
      continue;
    }
    ops::log_info("app", "stopping", {{"signal", signal}});
    break;
  }
  (*host)->stop(kDrainGraceMs);
  const bool failed = (*host)->failed();
  ops::log_info("app", "stopped", {{"clean", !failed}});
  return failed ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"tocsind: delivers security alerts through channel plugins and records every attempt"};
  std::string file = "/etc/tocsin/tocsin.toml";
  app.add_option("-c,--config", file, "The configuration file (TOML)")->capture_default_str();
  app.set_version_flag("--version", std::string("tocsind ") + TOCSIN_VERSION);
  CLI11_PARSE(app, argc, argv);
  return serve(file);
}
