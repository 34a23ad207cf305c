// See check_config.hpp.
#include "app/check_config.hpp"

#include "app/assembly.hpp"
#include "app/plugin_sources.hpp"
#include "net/exchange.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/plugin_set.hpp"
#include "sandbox/sandboxes.hpp"

namespace tocsin::app {
namespace {

void add_errors(ConfigReport& report, const Error& error) {
  if (error.fields.empty()) report.errors.push_back({"", error.detail});
  for (const auto& field : error.fields) report.errors.push_back(field);
}

// Takes what an instance would report; nothing is delivered here.
class NoDeliveries final : public plugin::JobSink {
 public:
  void job_done(plugin::JobResult) override {}
};

// Asks each plugin what it thinks of its channels' settings.
void try_instances(Assembly assembly, ConfigReport& report) {
  auto exchanges = net::ExchangeEngine::open({});
  if (!exchanges) {
    add_errors(report, exchanges.error());
    return;
  }
  (*exchanges)->start();
  const SystemClock clock;
  security::SecretVault vault;
  plugin::PluginPool pool(1);
  plugin::Services services{clock, **exchanges, vault, pool,
                            [](int, const std::string&, const std::string&) {}};
  NoDeliveries sink;
  for (auto& plan : assembly.channels) {
    if (plan.type == nullptr) {
      report.warnings.push_back(plan.where + ": " + plan.unavailable);
      continue;
    }
    if (!plan.faults.empty()) {
      report.errors.insert(report.errors.end(), plan.faults.begin(), plan.faults.end());
      continue;
    }
    auto instance = plugin::ChannelInstance::create(services, plan.type, plan.team, plan.name,
                                                    std::move(plan.settings), sink);
    if (instance) {
      (*instance)->stop(1000);
    } else {
      report.errors.push_back(place_refusal(plan, instance.error()));
    }
  }
  (*exchanges)->stop();
  pool.stop();
}

}  // namespace

ConfigReport check_config(const std::string& file) {
  ConfigReport report;
  auto config = config::load_config(file);
  if (!config) {
    add_errors(report, config.error());
    return report;
  }
  report.teams = config->teams.size();
  report.plugins = config->plugins.size();
  for (const auto& team : config->teams) {
    report.channels += team.channels.size();
    report.rules += team.definition().rules.size();
  }
  report.warnings = config->keys->faults();
  sandbox::Sandboxes sandboxes;  // outlives every instance: their functions are its own
  const auto plugins = plugin::PluginSet::load(plugin_sources(*config),
                                               [&](const auto& source) { return sandboxes.load(source); });
  for (const auto& state : plugins.states()) {
    if (!state.loaded) report.warnings.push_back(state.path + ": " + state.problem);
  }
  if (auto added = add_in_app_channels(*config, plugins); !added) {
    add_errors(report, added.error());
    return report;
  }
  auto assembly = assemble(*config, plugins);
  if (!assembly) {
    add_errors(report, assembly.error());
    return report;
  }
  try_instances(std::move(*assembly), report);
  return report;
}

}  // namespace tocsin::app
