// See cli.hpp. Each add_… function declares one command: its options, and the call it stands for.
#include "ctl/cli.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "ctl/channels.hpp"
#include "ctl/check.hpp"
#include "ctl/completion.hpp"
#include "ctl/console_login.hpp"
#include "ctl/keys.hpp"
#include "ctl/manual.hpp"
#include "ctl/plugin_add.hpp"
#include "ctl/plugin_files.hpp"
#include "ctl/plugin_golden.hpp"
#include "ctl/plugin_project.hpp"
#include "ctl/push.hpp"
#include "ctl/queries.hpp"
#include "ctl/sink.hpp"
#include "ctl/team.hpp"
#include "ctl/team_commands.hpp"
#include "ctl/tokens.hpp"
#include "version.hpp"

namespace tocsin::ctl {
namespace {

constexpr const char* kFooter = R"(
The daemon is found by --url or TOCSIN_URL, else by the socket in the config file (--config, TOCSIN_CONFIG
or /etc/tocsin/tocsin.toml). A token comes from --token or TOCSIN_TOKEN; the socket's owner and root need none.

Exit status: 0 done; 1 refused, not found or failed; 2 the command line is wrong; 3 no daemon answers.)";

// The command line while it is being read: what was asked, and the command to run then.
class CommandLine {
 public:
  CommandLine(const Environment& environment, Console console)
      : environment_(environment),
        console_(console),
        team_commands_(console_, [this](CLI::App& parent, const char* name, const char* help,
                                        std::function<Exit(Daemon&)> ask) {
          return add(parent, name, help, [this, ask = std::move(ask)] { return with_daemon(ask); });
        }) {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.footer(kFooter);
    app_.set_version_flag("--version", std::string("tocsin ") + TOCSIN_VERSION);
    app_.add_option("--url", flags_.url, "The daemon: unix:/path or http://127.0.0.1:8080");
    app_.add_option("--token", flags_.token, "Bearer token (TOCSIN_TOKEN keeps it out of process lists)");
    app_.add_option("-c,--config", flags_.config, "The daemon's config file");
    app_.add_option("--timeout", timeout_s_, "Seconds to wait for an answer")->check(CLI::Range(1, 3600));
    app_.add_flag("--json", console_.json, "Results as JSON documents, one a line");
    app_.add_flag("-q,--quiet", console_.quiet, "Only what a script needs");
    add_check();
    add_send();
    add_events();
    add_explain();
    add_deliveries();
    add_redeliver();
    add_cancel();
    add_channels();
    add_rules();
    team_commands_.add_channel(app_);
    team_commands_.add_rule(app_);
    team_commands_.add_default_alerts(app_);
    team_commands_.add_silence(app_);
    add_silences();
    add_audit();
    add_export();
    add_test();
    add_keys();
    add_tokens();
    add_plugin();
    add_console_login();
    add_sink();
    add_version();
    add_completion();
    add_manual();
  }

  Exit run(std::vector<std::string> arguments) {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      const int status = app_.exit(error, console_.out, console_.err);
      return status == 0 ? Exit::kOk : Exit::kUsage;
    }
    return command_();
  }

 private:
  // Runs `ask` on a connection to the daemon, or says why there is none.
  Exit with_daemon(const std::function<Exit(Daemon&)>& ask) {
    flags_.timeout_ms = timeout_s_ * 1000;
    auto target = find_target(flags_, environment_);
    if (!target) {
      console_.err << "tocsin: " << target.error().detail << '\n';
      return Exit::kUsage;
    }
    auto daemon = Daemon::connect(std::move(*target));
    if (!daemon) {
      console_.err << "tocsin: " << daemon.error().detail << '\n';
      return daemon.error().code == Errc::kInvalid ? Exit::kUsage : Exit::kUnreachable;
    }
    return ask(*daemon);
  }

  CLI::App* add(CLI::App& parent, const char* name, const char* help, std::function<Exit()> command) {
    auto* sub = parent.add_subcommand(name, help);
    sub->callback([this, command = std::move(command)] { command_ = command; });
    return sub;
  }

  void add_check() {
    auto* sub = add(app_, "check-config", "Check a config file, its plugins and every channel's settings",
                    [this] { return check_config(file_, strict_, console_); });
    sub->add_option("file", file_, "The file")->capture_default_str();
    sub->add_flag("--strict", strict_, "Fail also on what would start but not work");
  }

  void add_send() {
    auto* sub = add(app_, "send", "Push an event from flags, or any number from standard input", [this] {
      return with_daemon([this](Daemon& daemon) {
        return input_.empty() ? send_event(event_, daemon, console_) : send_input(daemon, console_);
      });
    });
    sub->add_option("input", input_, "'-': read JSON events from standard input")
        ->check(CLI::IsMember({"-"}));
    sub->add_option("--team", event_.team, "The team; not needed where the token has one");
    sub->add_option("--type", event_.type, "Event type, such as finding.created");
    sub->add_option("--severity", event_.severity, "critical, high, medium, low or info");
    sub->add_option("--category", event_.category, "security_alert, system_notification or system_error");
    sub->add_option("--title", event_.title, "One line for people");
    sub->add_option("--summary", event_.summary, "More, where there is more to say");
    sub->add_option("--source", event_.source, "Where it comes from: cspm, registry, auth, …");
    sub->add_option("--link", event_.link, "Where to read on");
    sub->add_option("--label", event_.labels, "key=value; repeatable")->allow_extra_args(false);
    sub->add_option("--data", event_.data, "A JSON object");
    sub->add_option("--time", event_.time, "When it happened (RFC 3339); else now");
    sub->add_option("--id", event_.id, "Your own id: pushing it twice stores it once");
  }

  void add_events() {
    auto* events = app_.add_subcommand("events", "Look events up");
    events->require_subcommand(1);
    auto* sub = add(*events, "show", "An event, its deliveries and every attempt", [this] {
      return with_daemon(
          [this](Daemon& daemon) { return show_event(id_, wait_s_ * 1000, daemon, console_); });
    });
    sub->add_option("id", id_, "The event's id")->required();
    sub->add_option("--wait", wait_s_, "Wait up to so many seconds for every delivery to end")
        ->check(CLI::Range(1, 86'400));
  }

  void add_explain() {
    auto* sub = add(app_, "explain", "Why an event went where it went, and why not elsewhere", [this] {
      return with_daemon([this](Daemon& daemon) { return explain_event(id_, daemon, console_); });
    });
    sub->add_option("id", id_, "The event's id")->required();
  }

  void add_deliveries() {
    auto* sub = add(app_, "deliveries", "A team's delivery log, newest first", [this] {
      return with_daemon([this](Daemon& daemon) { return list_deliveries(query_, daemon, console_); });
    });
    sub->add_option("--team", query_.team, "The team")->required();
    sub->add_option("--channel", query_.channel, "Only this channel's");
    sub->add_option("--state", query_.state,
                    "pending, sending, scheduled, delivered, accepted, failed or cancelled");
    sub->add_option("--type", query_.type, "Only events of this type");
    sub->add_option("--since", query_.since, "Only events received from this time on (RFC 3339)");
    sub->add_option("--limit", query_.limit, "At most so many")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
  }

  void add_redeliver() {
    auto* sub = add(app_, "redeliver", "Send one delivery again, or all that fit", [this] {
      return with_daemon([this](Daemon& daemon) { return redeliver(redelivery_, daemon, console_); });
    });
    sub->add_option("--team", redelivery_.team, "The team")->required();
    auto* one = sub->add_option("id", redelivery_.delivery, "This delivery");
    const auto filter = [&](const char* name, std::string& value, const char* help) {
      return sub->add_option(name, value, help)->excludes(one);
    };
    filter("--since", redelivery_.since, "Of events received from this time on (RFC 3339)");
    filter("--until", redelivery_.until, "Of events received before this time");
    filter("--channel", redelivery_.channel, "Only this channel's");
    filter("--type", redelivery_.type, "Only of this type");
    filter("--state", redelivery_.state, "failed (the default), cancelled, delivered, accepted or scheduled");
    sub->add_flag("--dry-run", redelivery_.dry_run, "Only count them")->excludes(one);
  }

  void add_cancel() {
    auto* sub = add(app_, "cancel", "Cancel a delivery that waits", [this] {
      return with_daemon([this](Daemon& daemon) {
        return cancel_delivery(redelivery_.team, redelivery_.delivery, daemon, console_);
      });
    });
    sub->add_option("--team", redelivery_.team, "The team")->required();
    sub->add_option("id", redelivery_.delivery, "The delivery")->required();
  }

  // A command that only asks for the team.
  void add_of_team(const char* name, const char* help,
                   Exit (*ask)(const std::string& team, Daemon& daemon, Console& console)) {
    auto* sub = add(app_, name, help, [this, ask] {
      return with_daemon([this, ask](Daemon& daemon) { return ask(query_.team, daemon, console_); });
    });
    sub->add_option("--team", query_.team, "The team")->required();
  }

  void add_channels() { add_of_team("channels", "How a team's channels are", list_channels); }
  void add_rules() { add_of_team("rules", "A team's rules, in the order they are looked at", list_rules); }
  void add_silences() {
    add_of_team("silences", "What a team does not want to be sent for a while", list_silences);
  }
  void add_export() { add_of_team("export", "A team as tables of the configuration file", export_team); }

  void add_audit() {
    auto* sub = add(app_, "audit", "Who changed what, newest first", [this] {
      return with_daemon(
          [this](Daemon& daemon) { return list_audit(query_.team, audit_limit_, daemon, console_); });
    });
    sub->add_option("--team", query_.team, "Only this team's; else all of them, for operators");
    sub->add_option("--limit", audit_limit_, "At most so many")
        ->check(CLI::Range(1, 200))
        ->capture_default_str();
  }

  void add_test() {
    auto* sub = add(app_, "test", "Send a test message through a channel, and say how it went", [this] {
      return with_daemon([this](Daemon& daemon) { return test_channel(trial_, daemon, console_); });
    });
    sub->add_option("team", trial_.team, "The team")->required();
    sub->add_option("channel", trial_.channel, "The channel")->required();
    sub->add_flag("--connection", trial_.connection_only, "Connect and authenticate, send nothing");
  }

  void add_keys() {
    auto* keys = app_.add_subcommand("keys", "The master keys that secrets are sealed with");
    keys->callback([this, keys] {
      if (!keys->get_subcommands().empty()) return;
      command_ = [this] {
        return with_daemon([this](Daemon& daemon) { return list_keys(daemon, console_); });
      };
    });
    auto* sub = add(*keys, "rotate", "Seal what older keys have sealed with the active one", [this] {
      return with_daemon([this](Daemon& daemon) { return rotate_keys(wait_, daemon, console_); });
    });
    sub->add_flag("--wait", wait_, "Wait for the end");
  }

  void add_tokens() {
    auto* tokens = app_.add_subcommand("tokens", "The tokens that open the API");
    tokens->require_subcommand(1);
    add(*tokens, "list", "Those you manage, and when they were last used",
        [this] { return with_daemon([this](Daemon& daemon) { return list_tokens(daemon, console_); }); });
    auto* create = add(*tokens, "create", "Make one; it is shown this once", [this] {
      return with_daemon([this](Daemon& daemon) { return create_token(token_, daemon, console_); });
    });
    create->add_option("name", token_.name, "What logs call it")->required();
    create->add_option("--role", token_.role, "service, member, admin or operator")->required();
    create->add_option("--team", token_.teams, "A team it is for; repeatable")->allow_extra_args(false);
    create->add_option("--scope", token_.scopes, "Only what this names, such as push_events; repeatable")
        ->allow_extra_args(false);
    create->add_option("--user", token_.user, "Whose notification centre it opens; else that of its name");
    create->add_option("--expires", token_.expires, "When it ends (RFC 3339); else never");
    auto* revoke = add(*tokens, "revoke", "End one at once and for ever", [this] {
      return with_daemon([this](Daemon& daemon) { return revoke_token(token_.name, daemon, console_); });
    });
    revoke->add_option("name", token_.name, "The token's name")->required();
  }

  void add_plugin() {
    auto* plugin = app_.add_subcommand("plugin", "Channel plugins");
    plugin->require_subcommand(1);
    add(*plugin, "list", "What is loaded, what is not and why, and how each channel is",
        [this] { return with_daemon([this](Daemon& daemon) { return list_plugins(daemon, console_); }); });
    auto* reset =
        add(*plugin, "reset", "End a sandboxed plugin's quarantine, and start its process at once", [this] {
          return with_daemon(
              [this](Daemon& daemon) { return reset_plugin(plugin_add_.type, daemon, console_); });
        });
    reset->add_option("type", plugin_add_.type, "A channel type it provides: sh.ntfy")->required();
    auto* fill_in = add(*plugin, "add", "Look at a plugin's file in a sandbox, and list it in the config",
                        [this] { return add_plugin_file(plugin_add_, console_); });
    fill_in->add_option("file", plugin_add_.file, "The shared library")->required();
    fill_in->add_option("-c,--config", plugin_add_.config, "The config file it is written to")
        ->capture_default_str();
    fill_in->add_flag("--dry-run", plugin_add_.dry_run, "Show it and write nothing");
    auto* fresh = add(*plugin, "new", "Write a plugin's project that builds and passes its tests",
                      [this] { return write_plugin_project(project_, console_); });
    fresh->add_option("name", project_.name, "The plugin's name: [a-z][a-z0-9_]*")->required();
    fresh->add_option("--lang", project_.language, "c++ or c")
        ->check(CLI::IsMember({"c++", "c"}))
        ->capture_default_str();
    fresh->add_option("--dir", project_.folder, "Where to; else a folder of that name");
    auto* show = add(*plugin, "show", "What a plugin's file provides and asks for",
                     [this] { return show_plugin(validation_.file, console_); });
    show->add_option("file", validation_.file, "The shared library")->required();
    auto* validate = add(*plugin, "validate", "Hold a plugin against the plugin contract",
                         [this] { return validate_plugin(validation_, console_); });
    add_input(*validate, validation_);
    validate->add_flag("--strict", validation_.strict, "Fail also on advice");
    validate->add_option("--time-limit", validation_.limit_s, "Seconds for each check")
        ->check(CLI::Range(1, 3600))
        ->capture_default_str();
    add_renderings(*plugin);
    // One check, in the process that validate starts for it: hidden, since it means nothing to people.
    auto* check = add(*plugin, "check", "", [this] { return check_plugin(validation_, console_); });
    check->group("");
    check->add_option("check", validation_.check)->required();
    add_input(*check, validation_);
  }

  void add_renderings(CLI::App& plugin) {
    auto* render = add(plugin, "render", "What a plugin would send for an event, secrets as their names",
                       [this] { return render_plugin(rendering_, console_); });
    add_input(*render, rendering_.plugin);
    render->add_option("--event", rendering_.event, "A file with an event (JSON); else an ordinary one");
    render->add_option("--type", rendering_.type, "The channel type, of several");
    render->add_flag("--test", rendering_.test, "As a test message");
    auto* record = add(plugin, "record", "Keep what a plugin sends for each message of the corpus",
                       [this] { return record_golden(rendering_, console_); });
    auto* golden = add(plugin, "golden", "Compare what a plugin sends with what was recorded",
                       [this] { return check_golden(rendering_, console_); });
    for (auto* sub : {record, golden}) {
      add_input(*sub, rendering_.plugin);
      sub->add_option("folder", rendering_.folder, "The folder of golden files")->required();
    }
  }

  static void add_input(CLI::App& sub, PluginValidation& input) {
    sub.add_option("file", input.file, "The shared library")->required();
    sub.add_option("--settings", input.settings, "A file with settings (JSON); else samples are made");
    sub.add_option("--seed", input.seed, "Same seed, same messages")->capture_default_str();
    sub.add_flag("--sandbox", input.sandboxed, "The plugin in a process of its own, as the daemon runs it");
  }

  void add_console_login() {
    auto* sub = add(app_, "console-login", "A link that signs somebody in to the console, once", [this] {
      if (guest_.user.empty()) guest_.user = environment_("USER").value_or("");
      return with_daemon([this](Daemon& daemon) { return make_console_login(guest_, daemon, console_); });
    });
    sub->add_option("--team", guest_.team, "The team; none: an operator, of all teams");
    sub->add_option("--user", guest_.user, "Whose notification centre it is; else $USER");
    sub->add_option("--role", guest_.role, "member (the default with a team), admin or operator")
        ->check(CLI::IsMember({"member", "admin", "operator"}));
    sub->add_option("--scope", guest_.scopes, "Only what this names, such as read_inbox; repeatable")
        ->allow_extra_args(false);
  }

  void add_sink() {
    auto* sub = add(app_, "sink", "Receive webhooks here, verify their signatures, fail on request",
                    [this] { return run_sink(sink_, console_); });
    const auto share = CLI::Range(0.0, 1.0);
    sub->add_option("--listen", sink_.listen, "Address and port; port 0: any")->capture_default_str();
    sub->add_option("--secret", sink_.secret, "The channel's signing secret");
    sub->add_option("--status", sink_.status, "Answer with this status")->check(CLI::Range(200, 599));
    sub->add_option("--fail-rate", sink_.fail_rate, "Share answered with --fail-status")->check(share);
    sub->add_option("--fail-status", sink_.fail_status, "What a failing answer is")
        ->check(CLI::Range(300, 599))
        ->capture_default_str();
    sub->add_option("--retry-after", sink_.retry_after, "Seconds, as a header on failing answers");
    sub->add_option("--delay-ms", sink_.delay_ms, "Wait before every answer")
        ->check(CLI::Range(0, 3'600'000));
    sub->add_option("--hang-rate", sink_.hang_rate, "Share never answered")->check(share);
    sub->add_option("--reset-rate", sink_.reset_rate, "Share whose connection is dropped")->check(share);
    sub->add_option("--seed", sink_.seed, "Same seed, same faults")->capture_default_str();
    sub->add_option("--record", sink_.record, "Append one JSON line a delivery to this file");
    sub->add_option("--count", sink_.count, "End after so many deliveries");
  }

  void add_version() {
    add(app_, "version", "This command's version", [this] {
      if (console_.json) {
        console_.out << "{\"version\":\"" TOCSIN_VERSION "\"}\n";
      } else {
        console_.out << "tocsin " TOCSIN_VERSION "\n";
      }
      return Exit::kOk;
    });
  }

  void add_completion() {
    auto* sub = add(app_, "completion", "A completion script for bash, zsh or fish", [this] {
      std::vector<CommandWords> commands;
      collect_words(app_, "", commands);
      console_.out << write_completion(shell_, commands).value_or("");
      return Exit::kOk;
    });
    sub->add_option("shell", shell_, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  }

  // For whoever packages tocsin: hidden, since people have man.
  void add_manual() {
    auto* sub = add(app_, "manual", "", [this] {
      ManualPage page;
      page.footer = kFooter;
      page.summary = app_.get_description();
      collect_manual(app_, "tocsin", page);
      console_.out << write_manual(page);
      return Exit::kOk;
    });
    sub->group("");
  }

  static void collect_manual(const CLI::App& app, const std::string& path, ManualPage& page) {
    ManualCommand& command = page.commands.emplace_back();
    command.path = path;
    command.help = app.get_description();
    for (const auto* option : app.get_options()) {
      if (option->get_name() == "--help" || option->get_group().empty()) continue;
      ManualOption told;
      const bool has_name = !option->get_lnames().empty() || !option->get_snames().empty();
      if (has_name) told.names = option->get_name(false, true);
      if (!has_name) told.position = option->get_name(true);
      told.takes_value = option->get_items_expected_max() > 0;
      told.required = option->get_required();
      told.help = option->get_description();
      told.given = option->get_default_str();
      command.options.push_back(std::move(told));
    }
    for (const auto* sub :
         app.get_subcommands([](const CLI::App* each) { return !each->get_group().empty(); })) {
      collect_manual(*sub, path + ' ' + sub->get_name(), page);
    }
  }

  static void collect_words(const CLI::App& app, const std::string& path,
                            std::vector<CommandWords>& commands) {
    CommandWords command{path, {}};
    const auto subcommands =
        app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); });
    for (const auto* sub : subcommands) command.words.push_back(sub->get_name());
    for (const auto* option : app.get_options()) {
      for (const auto& name : option->get_lnames()) command.words.push_back("--" + name);
    }
    commands.push_back(std::move(command));
    for (const auto* sub : subcommands) {
      collect_words(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), commands);
    }
  }

  const Environment& environment_;
  Console console_;
  CLI::App app_{"tocsin: push events to the tocsin daemon and see what became of them", "tocsin"};
  std::function<Exit()> command_;
  TeamCommands team_commands_;
  TargetFlags flags_;
  int timeout_s_ = 30;
  std::string file_{kDefaultConfig};
  bool strict_ = false;
  std::string input_;
  EventFlags event_;
  std::string id_;
  int wait_s_ = 0;
  bool wait_ = false;
  DeliveryQuery query_;
  Redelivery redelivery_;
  std::uint32_t audit_limit_ = 50;
  ChannelTrial trial_;
  NewToken token_;
  ConsoleGuest guest_;
  SinkOptions sink_;
  PluginProject project_;
  PluginAddition plugin_add_;
  PluginValidation validation_;
  PluginRendering rendering_;
  std::string shell_;
};

}  // namespace

Exit run_command(const std::vector<std::string>& arguments, const Environment& environment, Console console) {
  CommandLine line(environment, console);
  return line.run(arguments);
}

}  // namespace tocsin::ctl
