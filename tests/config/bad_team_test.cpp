// What the reader refuses in teams, channels and rules.
#include <gtest/gtest.h>

#include "config/bad_case.hpp"

namespace tocsin::config {
namespace {

const BadCase kTeams[] = {
    {"a team without a name", "[[team]]", 1, "team[0].name", "is missing"},
    {"a team name with a blank", "[[team]]\nname = \"my team\"", 2, "team[0].name", "is no name"},
    {"two teams of one name", "[[team]]\nname = \"a\"\n[[team]]\nname = \"a\"", 3, "team[1].name",
     "another team is called \"a\" (line 1)"},
    {"a team with an unknown key", "[[team]]\nname = \"a\"\nchanels = []", 3, "team[0].chanels",
     "did you mean \"channel\"?"},
    {"a default alert without an event", "[[team]]\nname = \"a\"\ndefault_alerts = [{ from = \"high\" }]", 3,
     "team[0].default_alerts[0].event", "is missing"},
    {"a default alert with a wrong severity",
     "[[team]]\nname = \"a\"\ndefault_alerts = [{ event = \"*\", from = \"severe\" }]", 3,
     "team[0].default_alerts[0].from", "is no severity"},
    {"a default alert that can never match",
     "[[team]]\nname = \"a\"\ndefault_alerts = [\n  { event = \"*\" },\n  { event = \"scan.fialed\" },\n]", 5,
     "team[0].default_alerts[1].event", "did you mean \"scan.failed\""},
    {"default alerts as texts", "[[team]]\nname = \"a\"\ndefault_alerts = [\"*\"]", 3,
     "team[0].default_alerts", "must be an array of tables"},
    {"a channel without a type", "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"", 3,
     "team[0].channel[0].type", "is missing"},
    {"a channel type with a capital",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"Slack\"", 5, "team[0].channel[0].type",
     "is no channel type"},
    {"two channels of one name",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\n[[team.channel]]\nname = "
     "\"c\"\ntype = \"webhook\"",
     7, "team[0].channel[1].name", "another channel is called \"c\""},
    {"two default channels of a type",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\ndefault = "
     "true\n[[team.channel]]\nname = \"d\"\ntype = \"webhook\"\ndefault = true",
     10, "team[0].channel[1].default", "\"c\" already is the default channel of type webhook"},
    {"a subscription that can never match",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nevents = [\n  "
     "\"finding.*\",\n  \"findings.*\",\n]",
     8, "team[0].channel[0].events[1]", "did you mean \"finding.*\"?"},
    {"a wait that is no duration",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nretry = [\"5s\", "
     "\"later\"]",
     6, "team[0].channel[0].retry[1]", "\"later\" is no duration"},
    {"a wait that is too long",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nretry = [\"8d\"]", 6,
     "team[0].channel[0].retry[0]", "a wait may be 100ms to 7d"},
    {"a window in words",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = \"sometimes\"", 6,
     "team[0].channel[0].digest", "is no digest window: write a length such as \"15m\""},
    {"a window too short",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = \"500ms\"", 6,
     "team[0].channel[0].digest", "a window may be 1s to 1d"},
    {"a window too long",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = \"25h\"", 6,
     "team[0].channel[0].digest", "a window may be 1s to 1d"},
    {"a window as a number",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = 15", 6,
     "team[0].channel[0].digest", "must be a string or a table, not an integer"},
    {"a daily window without its time",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { zone = "
     "\"Europe/Berlin\" }",
     6, "team[0].channel[0].digest.daily", "is missing"},
    {"a time that no clock shows",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { daily = \"24:00\" "
     "}",
     6, "team[0].channel[0].digest.daily", "is no time of day"},
    {"a time with one digit",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { daily = \"8:00\" }",
     6, "team[0].channel[0].digest.daily", "is no time of day"},
    {"a zone with a slip",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { daily = \"08:00\", "
     "zone = \"Europe/Berln\" }",
     6, "team[0].channel[0].digest.zone", "did you mean \"Europe/Berlin\""},
    {"an offset for a zone",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { daily = \"08:00\", "
     "zone = \"+01:00\" }",
     6, "team[0].channel[0].digest.zone", "is no time zone that this system knows"},
    {"a key that a window has not",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ndigest = { daily = \"08:00\", "
     "tz = \"UTC\" }",
     6, "team[0].channel[0].digest.tz", ""},
    {"a collapse beyond one message",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"smtp\"\ncollapse = 1001", 6,
     "team[0].channel[0].collapse", "1000"},
    {"no waits", "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nretry = []", 6,
     "team[0].channel[0].retry", "must have 1 to 20 waits"},
    {"a channel window of nothing",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nwindow = 0", 6,
     "team[0].channel[0].window", "it may be 1 to 256"},
    {"settings that are no table",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nsettings = \"x\"", 6,
     "team[0].channel[0].settings", "must be a table, not a string"},
    {"a setting that is no number",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = "
     "\"webhook\"\n[team.channel.settings]\nratio = nan",
     7, "team[0].channel[0].settings.ratio", "must be a finite number"},
    {"settings nested too deep",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\nsettings = { a = "
     "[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]] }",
     6, "team[0].channel[0].settings.a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0]",
     "is nested deeper than 16 levels"},
    {"a secret file that is not there",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = "
     "\"webhook\"\n[team.channel.settings]\nsecret = { file = \"/nowhere/secret\" }",
     7, "team[0].channel[0].settings.secret", "cannot read \"/nowhere/secret\""},
    {"a secret variable that is not set",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = "
     "\"webhook\"\n[team.channel.settings]\nsecret = { env = \"TOCSIN_TEST_UNSET\" }",
     7, "team[0].channel[0].settings.secret", "is not set"},
    {"a secret reference that is no text",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = "
     "\"webhook\"\n[team.channel.settings]\nsecret = { file = 1 }",
     7, "team[0].channel[0].settings.secret", "write { file = \"…\" }"},
    {"a secret reference in an array",
     "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"c\"\ntype = \"webhook\"\n[team.channel.settings]\nx "
     "= [{ env = \"PATH\" }]",
     7, "team[0].channel[0].settings.x[0]", "cannot stand in an array"},
};

// Lines 1 to 5 of every rule case.
#define TEAM "[[team]]\nname = \"a\"\n[[team.channel]]\nname = \"ops\"\ntype = \"webhook\"\n"
const BadCase kRules[] = {
    {"a rule without a name", TEAM "[[team.rule]]\nchannels = [\"ops\"]", 6, "team[0].rule[0].name",
     "is missing"},
    {"a rule without channels", TEAM "[[team.rule]]\nname = \"r\"", 6, "team[0].rule[0].channels",
     "is missing: name the channels"},
    {"a rule with no channels", TEAM "[[team.rule]]\nname = \"r\"\nchannels = []", 8,
     "team[0].rule[0].channels", "names no channel"},
    {"a channel that does not exist", TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"opps\"]", 8,
     "team[0].rule[0].channels[0]", "there is no channel \"opps\" in this team; did you mean \"ops\"?"},
    {"a channel as plain text", TEAM "[[team.rule]]\nname = \"r\"\nchannels = \"ops\"", 8,
     "team[0].rule[0].channels", "must be an array, not a string"},
    {"two rules of one name",
     TEAM
     "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\n[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]",
     10, "team[0].rule[1].name", "another rule is called \"r\""},
    {"a rule key spelt wrong",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nseverity = [\"high\"]", 9,
     "team[0].rule[0].severity", "did you mean \"severities\"?"},
    {"a category of the seed's wording",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\ncategory = \"Security Alerts\"", 9,
     "team[0].rule[0].category", "is no category"},
    {"a severity that does not exist",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nseverities = [\"urgent\"]", 9,
     "team[0].rule[0].severities", "there is critical, high, medium, low, info"},
    {"a source with a capital",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nsources = [\"CSPM\"]", 9,
     "team[0].rule[0].sources[0]", "is no source"},
    {"a malformed pattern",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nevents = [\"*.created\"]", 9,
     "team[0].rule[0].events[0]", "is no event pattern"},
    {"a pattern that can never match",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nevents = [\"sla.breach\"]", 9,
     "team[0].rule[0].events[0]", "did you mean \"sla.breached\""},
    {"a label that is a number",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nlabels = { tier = 1 }", 9,
     "team[0].rule[0].labels.tier", "must be a string, not an integer"},
    {"a label with a dotted name",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nlabels = { app.tier = \"web\" }", 9,
     "team[0].rule[0].labels.app", "in quotes"},
    {"a label no event can have",
     TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nlabels = { \"a b\" = \"c\" }", 9,
     "team[0].rule[0].labels.\"a b\"", "no event has a label of this name"},
    {"stop in quotes", TEAM "[[team.rule]]\nname = \"r\"\nchannels = [\"ops\"]\nstop = \"yes\"", 9,
     "team[0].rule[0].stop", "must be a boolean, not a string"},
};
#undef TEAM

TEST(BadTeam, IsRefusedWhereATeamOrChannelIsWrong) {
  for (const auto& c : kTeams) expect_refused(c);
}
TEST(BadTeam, IsRefusedWhereARuleIsWrong) {
  for (const auto& c : kRules) expect_refused(c);
}

}  // namespace
}  // namespace tocsin::config
