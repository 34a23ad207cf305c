// See host.hpp. Members stand in the order they are built; they are destroyed the other way round.
#include "app/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <map>
#include <optional>

#include "api/service.hpp"
#include "app/assembly.hpp"
#include "app/metrics_page.hpp"
#include "delivery/engine.hpp"
#include "ingest/intake.hpp"
#include "net/exchange.hpp"
#include "net/http_server.hpp"
#include "ops/log.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/plugin_set.hpp"
#include "security/secret_vault.hpp"
#include "store/sqlite_store.hpp"
#include "store/writer.hpp"

namespace tocsin::app {
namespace {

constexpr std::size_t kReaders = 2;
constexpr unsigned kPluginThreads = 2;
constexpr std::int64_t kInstanceGraceMs = 5'000;
constexpr std::int64_t kServerGraceMs = 5'000;

ops::LogLevel plugin_level(int level) {
  switch (level) {
    case TOCSIN_LOG_DEBUG:
      return ops::LogLevel::kDebug;
    case TOCSIN_LOG_INFO:
      return ops::LogLevel::kInfo;
    case TOCSIN_LOG_WARNING:
      return ops::LogLevel::kWarn;
    default:
      return ops::LogLevel::kError;
  }
}

net::EgressOptions egress_options(const config::Config& config) {
  net::EgressOptions options;
  options.policy = security::AddressPolicy(config.egress.allow);
  options.ca_file = config.egress.ca_file;
  options.max_connections = config.egress.max_connections;
  return options;
}

// A running instance and what it was made from.
struct Running {
  std::string fingerprint;
  std::shared_ptr<plugin::ChannelInstance> instance;
  std::string unavailable;
};
using RunningByName = std::map<std::pair<std::string, std::string>, Running>;  // by team and channel

// The store's numbers for a configuration.
struct Numbers {
  std::vector<TeamId> teams;
  std::vector<ChannelId> channels;
  std::vector<std::int64_t> generations;
  std::vector<store::ChannelBacklog> backlogs;
  std::vector<std::pair<ChannelId, store::ChannelKey>> known;
};

Result<Numbers> find_numbers(store::Store& store, const config::Config& config) {
  Numbers numbers;
  std::vector<std::string> names;
  for (const auto& team : config.teams) names.push_back(team.definition().name);
  auto teams = store.resolve_teams(names);
  if (!teams) return teams.error();
  numbers.teams = std::move(*teams);
  std::vector<store::ChannelKey> keys;
  for (std::size_t t = 0; t < config.teams.size(); ++t) {
    const auto& definition = config.teams[t].definition();
    for (const auto& channel : definition.channels)
      keys.push_back({numbers.teams[t], channel.name, channel.type});
    auto generation = store.put_generation(numbers.teams[t], routing::write_definition(definition));
    if (!generation) return generation.error();
    numbers.generations.push_back(*generation);
  }
  auto channels = store.resolve_channels(keys);
  if (!channels) return channels.error();
  numbers.channels = std::move(*channels);
  auto backlogs = store.list_backlogs();
  if (!backlogs) return backlogs.error();
  numbers.backlogs = std::move(*backlogs);
  auto known = store.list_channels();
  if (!known) return known.error();
  numbers.known = std::move(*known);
  return numbers;
}

// Runs `work` on the store thread and waits for what it returns.
template <class Work>
auto on_store(store::Writer& writer, Work work) {
  std::promise<decltype(work(std::declval<store::Store&>()))> promise;
  auto future = promise.get_future();
  writer.run([&](store::Store& store) { promise.set_value(work(store)); });
  return future.get();
}

}  // namespace

class Host::Impl {
 public:
  Impl(const Clock& clock, const config::Config& config) : clock_(clock), config_(config) {}

  Result<void> open() {
    auto store = store::open_sqlite({config_.server.data_dir, config_.store.idempotency_ms});
    if (!store) return store.error();
    std::vector<std::unique_ptr<store::Reader>> readers;
    for (std::size_t i = 0; i < kReaders; ++i) {
      auto reader = (*store)->open_reader();
      if (!reader) return reader.error();
      readers.push_back(std::move(*reader));
    }
    const std::int64_t last_number = (*store)->last_number();
    store::WriterOptions options;
    options.max_queued_events = config_.limits.queued_events;
    options.retention_ms = config_.store.retention_ms;
    writer_ = std::make_unique<store::Writer>(std::move(*store), clock_, options);
    readers_ = std::make_unique<store::ReaderPool>(std::move(readers));
    auto exchanges = net::ExchangeEngine::open(egress_options(config_));
    if (!exchanges) return exchanges.error();
    exchanges_ = std::move(*exchanges);
    pool_ = std::make_unique<plugin::PluginPool>(kPluginThreads);
    pool_->wake_with(*exchanges_);
    services_.emplace(
        plugin::Services{clock_, *exchanges_, vault_, *pool_,
                         [](int level, const std::string& channel, const std::string& text) {
                           ops::log(plugin_level(level), "plugin", text, {{"channel", channel}});
                         }});
    plugins_.emplace(plugin::PluginSet::load(plugin_sources(config_)));
    report_plugins(0);
    delivery::EngineOptions engine_options;
    engine_options.hot_queue = config_.limits.hot_queue;
    engine_ = std::make_unique<delivery::Engine>(*writer_, clock_, engine_options);
    intake_ = std::make_unique<ingest::Intake>(
        *writer_, clock_, [this](ChannelId channel) { return engine_->admit(channel); }, last_number,
        ingest::EventLimits{config_.limits.event_bytes, config_.limits.batch_events});
    service_ = std::make_unique<api::Service>(api::Collaborators{
        clock_, *intake_, *writer_, *readers_, *engine_,
        [this] { return write_metrics(writer_->health(), engine_->statuses(), *server_); }});
    return open_server();
  }

  // The store thread has to run before names can be resolved; the engine takes its channels before it starts.
  Result<void> start() {
    writer_->on_accepted(
        [this](std::span<store::NewEvent> events, std::span<const Result<store::Accepted>> results) {
          engine_->offer(events, results);
        });
    writer_->on_failure([this](const Error& error) {
      ops::log_error("store", "durability is lost; the daemon stops", {{"reason", error.detail}});
      failed_ = true;
      ::kill(::getpid(), SIGTERM);
    });
    writer_->start();
    exchanges_->start();
    auto applied = apply(config_, true);
    if (!applied) return applied;
    engine_->start();
    server_->start();
    started_ = true;
    return {};
  }

  Result<void> reload(const config::Config& config) {
    // An empty file is valid TOML; taking it would cancel whatever waits for a channel.
    if (config.teams.empty() && !config_.teams.empty()) {
      return make_error(Errc::kInvalid,
                        "the file lists no team any more: was it read while it was being written?");
    }
    const std::size_t known = plugins_->states().size();
    plugins_->add(plugin_sources(config));
    report_plugins(known);
    warn_of_fixed_settings(config);
    auto applied = apply(config, false);
    if (!applied) return applied;
    exchanges_->reconfigure(egress_options(config));
    config_ = config;
    return {};
  }

  void stop(std::int64_t grace_ms) {
    if (stopped_) return;
    stopped_ = true;
    service_->start_draining();
    server_->stop(kServerGraceMs);
    if (started_) engine_->drain(grace_ms);
    for (auto& [name, running] : running_) {
      if (running.instance) running.instance->stop(kInstanceGraceMs);
    }
    running_.clear();
    readers_->stop();
    writer_->stop();
    exchanges_->stop();
    pool_->stop();
  }

  [[nodiscard]] std::vector<std::string> addresses() const { return server_->addresses(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  Result<void> open_server() {
    net::ServerOptions options;
    options.listen = config_.server.listen;
    options.socket = config_.server.socket;
    options.hosts = config_.server.hosts;
    options.body_bytes = config_.limits.batch_bytes;
    options.connections = config_.limits.connections;
    auto server =
        net::HttpServer::open(std::move(options), [this](net::HttpRequest request, net::Responder responder) {
          service_->handle(std::move(request), std::move(responder));
        });
    if (!server) return server.error();
    server_ = std::move(*server);
    return {};
  }

  void report_plugins(std::size_t from) const {
    for (std::size_t i = from; i < plugins_->states().size(); ++i) {
      const auto& state = plugins_->states()[i];
      if (state.loaded) {
        std::string types;
        for (const auto& type : state.types) types += (types.empty() ? "" : " ") + type;
        ops::log_info("plugin", "loaded", {{"path", state.path}, {"types", types}});
      } else {
        ops::log_error("plugin", "not loaded: " + state.problem, {{"path", state.path}});
      }
    }
  }

  void warn_of_fixed_settings(const config::Config& config) const {
    const bool moved = config.server.data_dir != config_.server.data_dir ||
                       config.server.listen != config_.server.listen ||
                       config.server.socket != config_.server.socket;
    if (moved) {
      ops::log_warn("app", "server.data_dir, server.listen and server.socket change only with a restart");
    }
  }

  // Instances for the assembly: kept where the fingerprint is the same, else made anew. On failure the new
  // ones are stopped.
  Result<RunningByName> make_instances(Assembly& assembly, bool boot) {
    RunningByName made;
    Result<RunningByName> failure = make_error(Errc::kInvalid, "");
    bool failed = false;
    for (auto& plan : assembly.channels) {
      Running running{plan.fingerprint, nullptr, plan.unavailable};
      const auto kept = running_.find({plan.team, plan.name});
      if (plan.type == nullptr) {
        ops::log_error("app", "channel cannot deliver: " + plan.unavailable,
                       {{"team", plan.team}, {"channel", plan.name}});
      } else if (kept != running_.end() && kept->second.instance &&
                 kept->second.fingerprint == plan.fingerprint) {
        running = kept->second;
      } else {
        auto instance = plugin::ChannelInstance::create(*services_, plan.type, plan.team, plan.name,
                                                        std::move(plan.settings), engine_->sink());
        if (instance) {
          running.instance = std::move(*instance);
        } else if (instance.error().code == Errc::kInvalid) {
          failure = make_error(Errc::kInvalid, "team \"" + plan.team + "\", channel \"" + plan.name +
                                                   "\": " + instance.error().detail);
          failed = true;
          break;
        } else {
          running.unavailable = instance.error().detail;
          ops::log_error("app", "channel cannot deliver: " + running.unavailable,
                         {{"team", plan.team}, {"channel", plan.name}});
        }
      }
      made[{plan.team, plan.name}] = std::move(running);
    }
    if (!failed) return made;
    for (auto& [name, running] : made) {
      const auto kept = running_.find(name);
      const bool ours = kept == running_.end() || kept->second.instance != running.instance;
      if (ours && running.instance) running.instance->stop(boot ? 0 : kInstanceGraceMs);
    }
    return failure;
  }

  std::vector<delivery::ChannelSetup> make_setups(const Assembly& assembly, const Numbers& numbers,
                                                  const RunningByName& running) const {
    std::vector<delivery::ChannelSetup> setups;
    for (std::size_t i = 0; i < assembly.channels.size(); ++i) {
      const auto& plan = assembly.channels[i];
      const auto& made = running.at({plan.team, plan.name});
      delivery::ChannelSetup setup;
      setup.id = numbers.channels[i];
      setup.team = plan.team;
      setup.name = plan.name;
      setup.type = plan.type_name;
      setup.instance = made.instance;
      setup.unavailable = made.unavailable;
      setup.paused = plan.paused;
      setup.window = plan.window;
      setup.retries = plan.retries;
      if (plan.type != nullptr) {
        setup.rate_per_minute = plan.type->rate_per_minute;
        setup.burst = plan.type->burst;
      }
      setups.push_back(std::move(setup));
    }
    return setups;
  }

  static std::shared_ptr<const ingest::RoutingTable> make_table(const config::Config& config,
                                                                const Numbers& numbers) {
    auto table = std::make_shared<ingest::RoutingTable>();
    table->catalogue = config.catalogue;
    std::size_t next_channel = 0;
    for (std::size_t t = 0; t < config.teams.size(); ++t) {
      const auto& team = config.teams[t];
      ingest::TeamRoutes routes;
      routes.id = numbers.teams[t];
      routes.generation = numbers.generations[t];
      routes.rules = team.rules;
      for (std::size_t c = 0; c < team.channels.size(); ++c) {
        routes.channels.push_back(numbers.channels[next_channel++]);
      }
      table->teams.emplace(team.definition().name, std::move(routes));
    }
    for (const auto& [id, key] : numbers.known) table->channel_names.emplace(id, key.name);
    return table;
  }

  // Everything that can fail comes first; after the engine has its channels nothing does.
  Result<void> apply(const config::Config& config, bool boot) {
    auto assembly = assemble(config, *plugins_);
    if (!assembly) return assembly.error();
    auto running = make_instances(*assembly, boot);
    if (!running) return running.error();
    auto numbers = on_store(*writer_, [&](store::Store& store) { return find_numbers(store, config); });
    if (!numbers) return numbers.error();

    engine_->configure(make_setups(*assembly, *numbers, *running), numbers->backlogs);
    running_ = std::move(*running);
    auto state = std::make_shared<api::ServiceState>();
    state->tokens = security::TokenTable(config.tokens);
    state->plugins = plugins_->states();
    state->types = plugins_->types();
    use_on_api_thread(make_table(config, *numbers), std::move(state),
                      {config.limits.event_bytes, config.limits.batch_events}, boot);
    cancel_removed(*numbers);
    return {};
  }

  void use_on_api_thread(std::shared_ptr<const ingest::RoutingTable> table,
                         std::shared_ptr<const api::ServiceState> state, ingest::EventLimits limits,
                         bool boot) {
    auto use = [this, table = std::move(table), state = std::move(state), limits] {
      intake_->use(table);
      intake_->use_limits(limits);
      service_->use(state);
    };
    if (boot) {
      use();  // the API thread does not run yet
      return;
    }
    std::promise<void> done;
    server_->post([&] {
      use();
      done.set_value();
    });
    done.get_future().wait();
  }

  // Channels the file no longer has: what waits for them is cancelled, with the reason. Runs behind every
  // event that was planned with the old table, since the store thread works in order.
  void cancel_removed(const Numbers& numbers) {
    std::vector<ChannelId> removed;
    for (const auto& [id, key] : numbers.known) {
      if (std::find(numbers.channels.begin(), numbers.channels.end(), id) == numbers.channels.end()) {
        removed.push_back(id);
      }
    }
    writer_->run([this, removed](store::Store& store) {
      for (const ChannelId channel : removed) {
        const auto cancelled = store.cancel_channel(channel, "channel_removed", clock_.unix_ms());
        if (cancelled && *cancelled > 0) {
          ops::log_warn("app", "deliveries cancelled: their channel is no longer configured",
                        {{"count", *cancelled}});
        }
      }
    });
  }

  const Clock& clock_;
  config::Config config_;
  std::atomic<bool> failed_ = false;
  bool started_ = false;
  bool stopped_ = false;
  security::SecretVault vault_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<net::ExchangeEngine> exchanges_;
  std::unique_ptr<plugin::PluginPool> pool_;
  std::optional<plugin::Services> services_;
  std::optional<plugin::PluginSet> plugins_;
  std::unique_ptr<delivery::Engine> engine_;
  RunningByName running_;
  std::unique_ptr<ingest::Intake> intake_;
  std::unique_ptr<api::Service> service_;
  std::unique_ptr<net::HttpServer> server_;
};

Host::Host(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Host>> Host::open(const config::Config& config, const Clock& clock) {
  auto impl = std::make_unique<Impl>(clock, config);
  if (auto opened = impl->open(); !opened) return opened.error();
  return std::unique_ptr<Host>(new Host(std::move(impl)));
}

Host::~Host() {
  impl_->stop(0);
}
Result<void> Host::start() {
  return impl_->start();
}
std::vector<std::string> Host::addresses() const {
  return impl_->addresses();
}
Result<void> Host::reload(const config::Config& config) {
  return impl_->reload(config);
}
void Host::stop(std::int64_t grace_ms) {
  impl_->stop(grace_ms);
}
bool Host::failed() const {
  return impl_->failed();
}

}  // namespace tocsin::app
