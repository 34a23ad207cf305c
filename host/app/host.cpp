// See host.hpp. Members stand in the order they are built; they are destroyed the other way round.
#include "app/host.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <future>
#include <optional>

#include "api/service.hpp"
#include "app/alarms.hpp"
#include "app/assembly.hpp"
#include "app/fixed_settings.hpp"
#include "app/instances.hpp"
#include "app/metrics_page.hpp"
#include "app/numbers.hpp"
#include "app/object_views.hpp"
#include "app/on_store.hpp"
#include "app/plugin_sources.hpp"
#include "app/snapshots.hpp"
#include "app/team_editor.hpp"
#include "config/draft_rule.hpp"
#include "delivery/engine.hpp"
#include "inbox/inbox.hpp"
#include "ingest/intake.hpp"
#include "net/exchange.hpp"
#include "net/http_server.hpp"
#include "ops/log.hpp"
#include "plugin/channel_instance.hpp"
#include "plugin/plugin_set.hpp"
#include "sandbox/sandboxes.hpp"
#include "security/secret_vault.hpp"
#include "store/sqlite_store.hpp"
#include "store/writer.hpp"

namespace tocsin::app {
namespace {

constexpr std::size_t kReaders = 2;
constexpr unsigned kPluginThreads = 2;
constexpr std::int64_t kServerGraceMs = 5'000;
constexpr std::int64_t kRecountedMs = 3'600'000;  // what the overview shows

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
  options.mail_without_tls = config.egress.smtp_without_tls;
  return options;
}

// Where the items go that channels put.
plugin::PutItem item_door(inbox::Inbox& inbox) {
  return [&inbox](const std::string& team, InboxItem item,
                  std::function<void(Result<plugin::StoredItem>)> done) {
    inbox.put(team, std::move(item), [done = std::move(done)](Result<store::InboxWritten> written) {
      if (written) {
        done(plugin::StoredItem{written->item, written->duplicate});
      } else {
        done(written.error());
      }
    });
  };
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
    options.audit_retention_ms = config_.store.audit_retention_ms;
    options.low_space_bytes = config_.store.low_space_bytes;
    writer_ = std::make_unique<store::Writer>(std::move(*store), clock_, options);
    readers_ = std::make_unique<store::ReaderPool>(std::move(readers));
    readers_->run([book = &writer_->activity(), now_ms = clock_.unix_ms()](store::Reader& reader) {
      const auto done = reader.recount(now_ms - kRecountedMs, now_ms, *book);
      if (!done) ops::log_warn("app", "the last hour is not counted over: " + done.error().detail, {});
    });
    auto exchanges = net::ExchangeEngine::open(egress_options(config_));
    if (!exchanges) return exchanges.error();
    exchanges_ = std::move(*exchanges);
    pool_ = std::make_unique<plugin::PluginPool>(kPluginThreads);
    pool_->wake_with(*exchanges_);
    inbox_.emplace(*writer_);
    services_.emplace(
        plugin::Services{clock_, *exchanges_, vault_, *pool_,
                         [](int level, const std::string& channel, const std::string& text) {
                           ops::log(plugin_level(level), "plugin", text, {{"channel", channel}});
                         },
                         item_door(*inbox_)});
    plugins_.emplace(plugin::PluginSet::load(
        plugin_sources(config_),
        [this](const plugin::PluginSource& source) { return sandboxes_.load(source); }));
    report_problems({});
    report_loaded({});
    if (auto added = add_in_app_channels(config_, *plugins_); !added) return added.error();
    delivery::EngineOptions engine_options;
    engine_options.hot_queue = config_.limits.hot_queue;
    engine_ = std::make_unique<delivery::Engine>(*writer_, clock_, engine_options);
    instances_.emplace(
        *services_, engine_->sink(),
        [this](const std::string& type) {
          const auto path = plugins_->path_of(type);
          return path && !plugins_->is_on_trial(*path) ? sandboxes_.blocked(*path) : std::string();
        },
        [this](const std::string& team, const std::string& channel, const std::string& why) {
          alarms_->tell_of_block(team, channel, why);
        });
    editor_.emplace(
        clock_, *writer_, [this](const std::string& type) { return plugins_->find_type(type); },
        [this](const config::Config& config, api::ObjectViews views, const TeamEditor::Persist& persist) {
          return apply(config, std::move(views), persist);
        },
        [this](const TeamEditor::Unusable& it) {
          if (it.left_out) {
            alarms_->tell_of_left_out(it.team, title_of(it.kind, it.name),
                                      it.kind == store::ObjectKind::kChannel ? it.name : "", it.reason);
          } else {
            alarms_->tell_of_secret(it.team, it.name, it.reason);
          }
        });
    alarms_.emplace(clock_, [this](ingest::OwnEvent event) {
      server_->post([this, event = std::move(event)]() mutable {
        if (!event.team.empty()) {
          intake_->push_own(event);
          return;
        }
        const auto table = intake_->table();
        for (const auto& [team, routes] : table->teams) {
          event.team = team;
          intake_->push_own(event);
        }
      });
    });
    engine_->on_trouble([this](const delivery::Trouble& trouble) { alarms_->tell(trouble); });
    intake_ = std::make_unique<ingest::Intake>(
        *writer_, clock_, [this](ChannelId channel) { return engine_->admit(channel); }, last_number,
        ingest::EventLimits{config_.limits.event_bytes, config_.limits.batch_events});
    service_ = std::make_unique<api::Service>(api::Collaborators{
        clock_,
        *intake_,
        *writer_,
        *readers_,
        *engine_,
        [this] {
          return write_metrics(writer_->health(), engine_->statuses(), *server_, service_->open_streams());
        },
        [this](std::function<void()> work) { server_->post(std::move(work)); },
        {.listeners = config_.limits.streams},
        &*editor_,
        &*editor_,
        [this] { return server_->addresses(); },
        [this](const std::string& path) { return sandboxes_.status(path); },
        [this](const std::string& path) {
          auto reset = sandboxes_.reset(path);
          if (reset) editor_->apply_again();
          return reset;
        },
        config::draft_rule});
    return open_server();
  }

  // The store thread has to run before names can be resolved; the engine takes its channels before it starts.
  Result<void> start() {
    writer_->on_accepted(
        [this](std::span<store::NewEvent> events, std::span<const Result<store::Accepted>> results) {
          engine_->offer(events, results);
        });
    writer_->on_inbox_changes(
        [this](std::vector<InboxChange> changes) { service_->publish(std::move(changes)); });
    writer_->on_low_space([this](std::int64_t free_bytes) { alarms_->tell_of_space(free_bytes); });
    writer_->on_failure([this](const Error& error) {
      ops::log_error("store", "durability is lost; the daemon stops", {{"reason", error.detail}});
      failed_ = true;
      ::kill(::getpid(), SIGTERM);
    });
    writer_->start();
    exchanges_->start();
    auto tokens = on_store(*writer_, [](store::Store& store) { return store.list_tokens(); });
    if (!tokens) return tokens.error();
    service_->use_tokens(std::move(*tokens));
    const auto sessions = on_store(*writer_, [](store::Store& store) { return store.list_sessions(); });
    if (!sessions) return sessions.error();
    service_->use_sessions(*sessions);
    const auto held = editor_->hold();
    report_keys(config_);
    auto applied = editor_->use(config_);
    if (!applied) return applied;
    engine_->start();
    server_->start();
    started_ = true;
    editor_->start();
    return {};
  }

  Result<void> reload(config::Config config) {
    // An empty file is valid TOML; taking it would cancel whatever waits for a channel.
    if (config.teams.empty() && !config_.teams.empty()) {
      return make_error(Errc::kInvalid,
                        "the file lists no team any more: was it read while it was being written?");
    }
    const auto held = editor_->hold();
    const auto known = plugins_->states();
    plugins_->add(plugin_sources(config));
    report_problems(known);  // also where the file is refused
    if (auto taken = take(config); !taken) {
      plugins_->undo();
      return taken;
    }
    report_loaded(known);
    warn_of_fixed_settings(config_, config);
    report_keys(config);
    exchanges_->reconfigure(egress_options(config));
    config_ = std::move(config);
    return {};
  }

  void stop(std::int64_t grace_ms) {
    if (stopped_) return;
    stopped_ = true;
    service_->start_draining();
    editor_->stop();
    // Nothing that is sent from now on could be recorded, so it would be sent again after the restart.
    if (failed_ && started_) engine_->drain(0);
    server_->stop(kServerGraceMs);
    if (started_) service_->write_token_uses(true);
    if (started_) {
      engine_->drain(grace_ms);  // stops every instance
    } else {
      instances_->stop();
    }
    readers_->stop();
    writer_->stop();
    exchanges_->stop();
    pool_->stop();
    sandboxes_.stop();
  }

  [[nodiscard]] std::vector<std::string> addresses() const { return server_->addresses(); }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  // A file in the place of the one in force, with the plugins that it lists.
  Result<void> take(config::Config& config) {
    if (auto added = add_in_app_channels(config, *plugins_); !added) return added.error();
    reloads_ = true;
    auto applied = editor_->use(config);
    reloads_ = false;
    return applied;
  }

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

  // Those of which `known` says something else, or nothing: what is wrong with them …
  void report_problems(const std::vector<plugin::PluginState>& known) const {
    for (const auto& state : plugins_->states()) {
      if (state.problem.empty() || is_said(state, known)) continue;
      ops::log(state.loaded ? ops::LogLevel::kWarn : ops::LogLevel::kError, "plugin",
               (state.loaded ? "" : "not loaded: ") + state.problem, {{"path", state.path}});
    }
  }

  // … and which are in use.
  void report_loaded(const std::vector<plugin::PluginState>& known) const {
    for (const auto& state : plugins_->states()) {
      if (!state.problem.empty() || is_said(state, known)) continue;
      std::string types;
      for (const auto& type : state.types) types += (types.empty() ? "" : " ") + type;
      const auto sandbox = sandboxes_.status(state.path);
      const std::string level = sandbox ? sandbox->level : std::string("in-process");
      ops::log(level == "partial" || level == "none" ? ops::LogLevel::kWarn : ops::LogLevel::kInfo, "plugin",
               "loaded", {{"path", state.path}, {"types", types}, {"sandbox", level}});
    }
  }

  static bool is_said(const plugin::PluginState& state, const std::vector<plugin::PluginState>& known) {
    return std::any_of(known.begin(), known.end(), [&](const plugin::PluginState& old) {
      return old.path == state.path && old.sha256 == state.sha256 && old.problem == state.problem;
    });
  }

  static void report_keys(const config::Config& config) {
    for (const auto& fault : config.keys->faults()) ops::log_error("app", fault, {});
  }

  // Everything that can fail comes first; after the engine has its channels nothing does. Under the editor's
  // hold().
  Result<void> apply(const config::Config& config, api::ObjectViews views,
                     const TeamEditor::Persist& persist) {
    const bool boot = !started_;
    auto assembly = assemble(config, *plugins_);
    if (!assembly) return assembly.error();
    auto running = instances_->make(*assembly, reloads_ ? OnRefusal::kRefuseAll : OnRefusal::kSetAside);
    if (!running) return running.error();
    auto numbers = on_store(*writer_, [&](store::Store& store) -> Result<Numbers> {
      auto found = find_numbers(store, config);
      if (!found || !persist) return found;
      if (auto kept = persist(store); !kept) return kept.error();
      return found;
    });
    if (!numbers) {
      instances_->discard(std::move(*running));
      return numbers.error();
    }

    inbox_->use(team_ids(config, *numbers));
    engine_->configure(make_setups(*assembly, *numbers, *running), numbers->backlogs);
    instances_->use(std::move(*running));
    auto state = std::make_shared<api::ServiceState>();
    state->tokens = config.tokens;
    state->peers = config.peers;
    state->plugins = plugins_->states();
    state->types = plugins_->types();
    state->keys = config.keys;
    state->objects = std::make_shared<const api::ObjectViews>(std::move(views));
    const auto objects = state->objects;
    use_on_api_thread(make_table(config, *numbers), std::move(state),
                      {config.limits.event_bytes, config.limits.batch_events}, boot);
    if (!boot) {
      // Events that were planned with the old table reach the store, and what they made hot comes back from
      // the engine.
      on_store(*writer_, [](store::Store&) { return true; });
      static_cast<void>(engine_->statuses());
    }
    if (config.teams.empty()) {
      ops::log_warn("app",
                    "the configuration lists no team; what waits for channels of earlier ones is kept");
    } else {
      cancel_removed(config, *numbers, *objects);
    }
    return {};
  }

  void use_on_api_thread(std::shared_ptr<const ingest::RoutingTable> table,
                         std::shared_ptr<const api::ServiceState> state, ingest::EventLimits limits,
                         bool boot) {
    auto use = [this, table = std::move(table), state = std::move(state), limits] {
      plugins_->keep();  // so that nobody reads of a new file and of the old one's process
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

  // Channels that are no more: what waits for them is cancelled, with the reason. What a team keeps and the
  // file leaves no room for now may come back, so it waits. Runs behind every event that was planned with the
  // old table, since the store thread works in order.
  void cancel_removed(const config::Config& config, const Numbers& numbers, const api::ObjectViews& objects) {
    std::vector<ChannelId> removed;
    for (const auto& [id, key] : numbers.known) {
      const bool is_configured =
          std::find(numbers.channels.begin(), numbers.channels.end(), id) != numbers.channels.end();
      if (!is_configured && !is_kept(config, numbers, objects, key) && !may_come_back(key.type))
        removed.push_back(id);
    }
    writer_->run([this, removed](store::Store& store) {
      for (const ChannelId channel : removed) {
        const auto cancelled = store.cancel_channel(channel, "channel_removed", clock_.unix_ms());
        if (!cancelled) {
          ops::log_error("app",
                         "deliveries of a removed channel are not cancelled yet; the next start tries again",
                         {{"reason", cancelled.error().detail}});
        } else if (*cancelled > 0) {
          ops::log_warn("app", "deliveries cancelled: their channel is no longer configured",
                        {{"count", *cancelled}});
        }
      }
    });
  }

  static bool is_kept(const config::Config& config, const Numbers& numbers, const api::ObjectViews& objects,
                      const store::ChannelKey& key) {
    const auto team = std::ranges::find(numbers.teams, key.team);
    if (team == numbers.teams.end()) return false;
    const auto& named =
        config.teams[static_cast<std::size_t>(team - numbers.teams.begin())].definition().name;
    return std::ranges::any_of(objects, [&](const api::ObjectView& view) {
      return view.kind == store::ObjectKind::kChannel && view.team == named && view.name == key.name;
    });
  }

  // A team's channel "in-app" is there while its plugin is: where a plugin cannot be loaded now, what waits
  // for it is kept.
  [[nodiscard]] bool may_come_back(const std::string& type) const {
    const auto& states = plugins_->states();
    return plugins_->find_type(type) == nullptr &&
           std::any_of(states.begin(), states.end(), [](const auto& state) { return !state.loaded; });
  }

  const Clock& clock_;
  config::Config config_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> started_ = false;
  bool reloads_ = false;  // a file is being taken; under the editor's hold()
  bool stopped_ = false;
  // Outlives every instance: the functions they call are its own. What waits for a plugin in quarantine waits
  // in the store, so its channels are taken out of use.
  sandbox::Sandboxes sandboxes_{[this] {
    if (started_) editor_->apply_again();
  }};
  security::SecretVault vault_;
  std::unique_ptr<store::Writer> writer_;
  std::unique_ptr<store::ReaderPool> readers_;
  std::unique_ptr<net::ExchangeEngine> exchanges_;
  std::unique_ptr<plugin::PluginPool> pool_;
  std::optional<inbox::Inbox> inbox_;
  std::optional<plugin::Services> services_;
  std::optional<plugin::PluginSet> plugins_;
  std::unique_ptr<delivery::Engine> engine_;
  std::optional<Instances> instances_;
  std::optional<Alarms> alarms_;
  std::optional<TeamEditor> editor_;
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
