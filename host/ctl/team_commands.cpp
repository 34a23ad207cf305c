// See team_commands.hpp.
#include "ctl/team_commands.hpp"

namespace tocsin::ctl {
namespace {

void add_many(CLI::App& sub, const char* option, std::vector<std::string>& values, const char* help) {
  sub.add_option(option, values, help)->allow_extra_args(false);
}

void add_matchers(CLI::App& sub, Matchers& matchers) {
  sub.add_option("--category", matchers.category, "Only of this category");
  add_many(sub, "--severity", matchers.severities, "Only these severities; repeatable");
  add_many(sub, "--source", matchers.sources, "Only from these sources; repeatable");
  add_many(sub, "--event", matchers.events, "Only these event types, such as scan.*; repeatable");
  add_many(sub, "--label", matchers.labels, "Only with this label, key=value; repeatable");
}

// What is given beside --from would be lost.
void exclude_others(CLI::App& sub, CLI::Option* from) {
  for (auto* option : sub.get_options([&](const CLI::Option* each) {
         return each != from && !each->get_required() && each->get_name() != "--help";
       })) {
    from->excludes(option);
  }
}

}  // namespace

CLI::App* TeamCommands::add_of_object(CLI::App& parent, const char* name, const char* help,
                                      std::function<Exit(Daemon&)> ask) {
  auto* sub = add_(parent, name, help, std::move(ask));
  sub->add_option("--team", object_.team, "The team")->required();
  sub->add_option("name", object_.name, "Its name")->required();
  return sub;
}

void TeamCommands::add_channel(CLI::App& app) {
  auto* channel = app.add_subcommand("channel", "Make and change a team's channels");
  channel->require_subcommand(1);
  auto* set = add_(*channel, "set", "Make a channel, or change what is named of it",
                   [this](Daemon& daemon) { return set_channel(channel_, daemon, console_); });
  set->add_option("--team", channel_.team, "The team")->required();
  set->add_option("name", channel_.name, "Its name")->required();
  set->add_option("--type", channel_.type, "Its type, such as slack; it cannot change");
  add_many(*set, "--setting", channel_.settings,
           "key=text or key:=JSON, as the plugin asks; one inside another is headers/X-Env=prod; repeatable");
  add_many(*set, "--secret", channel_.secrets,
           "A secret setting, key=FILE ('-': standard input), so that no process list has it; repeatable");
  add_many(*set, "--event", channel_.events, "Its own subscription, such as scan.*; repeatable");
  add_many(*set, "--retry", channel_.retry, "A wait before the next try, such as 30s; repeatable");
  set->add_option("--default", channel_.is_default, "Whether it takes what no rule of its type took")
      ->check(CLI::IsMember({"yes", "no"}));
  exclude_others(*set, set->add_option("--from", channel_.from,
                                       "The whole channel as JSON from this file; '-': standard input"));
  const auto shared = [&](const char* name, const char* help, std::function<Exit(Daemon&)> ask) {
    add_of_object(*channel, name, help, std::move(ask));
  };
  shared("show", "One channel as JSON, without its secrets",
         [this](Daemon& daemon) { return show_object("channels", object_, daemon, console_); });
  shared("pause", "Hold what comes for a channel, losing nothing",
         [this](Daemon& daemon) { return pause_channel(object_, true, daemon, console_); });
  shared("resume", "Let a paused channel go on",
         [this](Daemon& daemon) { return pause_channel(object_, false, daemon, console_); });
  shared("remove", "Remove a channel; what waits for it is cancelled",
         [this](Daemon& daemon) { return remove_object("channels", object_, daemon, console_); });
}

void TeamCommands::add_rule(CLI::App& app) {
  auto* rule = app.add_subcommand("rule", "Make, order and remove a team's rules");
  rule->require_subcommand(1);
  auto* set = add_(*rule, "set", "The rule is this from now on; a new one is the last",
                   [this](Daemon& daemon) { return set_rule(rule_, daemon, console_); });
  set->add_option("--team", rule_.team, "The team")->required();
  set->add_option("name", rule_.name, "Its name")->required();
  add_matchers(*set, rule_.matchers);
  add_many(*set, "--channel", rule_.channels, "Where it sends to; repeatable");
  set->add_flag("--stop", rule_.stop, "Rules behind it are not looked at where it matches");
  exclude_others(
      *set, set->add_option("--from", rule_.from, "The rule as JSON from this file; '-': standard input"));
  add_of_object(*rule, "show", "One rule as JSON",
                [this](Daemon& daemon) { return show_object("rules", object_, daemon, console_); });
  add_of_object(*rule, "remove", "Remove a rule",
                [this](Daemon& daemon) { return remove_object("rules", object_, daemon, console_); });
  auto* order = add_(*rule, "order", "Put the team's own rules in this order",
                     [this](Daemon& daemon) { return order_rules(object_.team, order_, daemon, console_); });
  order->add_option("--team", object_.team, "The team")->required();
  order->add_option("names", order_, "All of them, first to last")->required();
}

void TeamCommands::add_silence(CLI::App& app) {
  auto* sub = add_(app, "silence", "Send a team nothing that matches, for a while",
                   [this](Daemon& daemon) { return silence(silence_, daemon, console_); });
  sub->add_option("--team", silence_.team, "The team")->required();
  auto* name = sub->add_option("name", silence_.name, "Its name; else one is made");
  sub->add_option("--for", silence_.lasts, "How long: 2h, 1h30m");
  sub->add_option("--until", silence_.until, "Until when (RFC 3339)");
  sub->add_option("--reason", silence_.reason, "For the others");
  add_matchers(*sub, silence_.matchers);
  add_many(*sub, "--channel", silence_.channels, "Only through these channels; repeatable");
  sub->add_flag("--end", silence_.end, "End the one of this name")->needs(name);
}

void TeamCommands::add_default_alerts(CLI::App& app) {
  auto* sub = add_(app, "default-alerts", "What goes to a team's default channels where no rule took it",
                   [this](Daemon& daemon) { return default_alerts(alerts_, daemon, console_); });
  sub->add_option("--team", alerts_.team, "The team")->required();
  auto* set =
      sub->add_option("--set", alerts_.alerts, "A set of its own: EVENT or EVENT=SEVERITY; repeatable")
          ->allow_extra_args(false);
  auto* none = sub->add_flag("--none", alerts_.none, "A set of its own with nothing in it")->excludes(set);
  sub->add_flag("--reset", alerts_.reset, "Back to the catalogue's")->excludes(set)->excludes(none);
}

}  // namespace tocsin::ctl
