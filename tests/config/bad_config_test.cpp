// What the reader refuses outside of teams: each case is a text, the line that is named and a piece of the
// message.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/bad_case.hpp"
#include "config/config.hpp"
#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::HasSubstr;
using testing::Not;

const BadCase kGrammar[] = {
    {"no TOML at all", "hello", 1, "", "this is not TOML"},
    {"a string without its end", "[server]\ndata_dir = \"x", 2, "", "this is not TOML"},
    {"a key given twice", "[log]\nlevel = \"info\"\nlevel = \"info\"", 3, "", "this is not TOML"},
    {"a table given twice", "[log]\n[log]", 2, "", "this is not TOML"},
    {"bytes that are no UTF-8", "[log]\n# \xff\xfe\n", 2, "", "this is not TOML"},
    {"an unknown section", "[sever]\n", 1, "sever", "unknown key; did you mean \"server\"?"},
    {"an unknown key at the top", "data_dir = \"x\"", 1, "data_dir", "unknown key"},
    {"a section that is no table", "server = 1", 1, "server", "must be a table, not an integer"},
    {"a list of tables that is one", "[plugin]\npath = \"x\"", 1, "plugin",
     "must be an array of tables: write [[plugin]]"},
    {"a list of tables that holds something else", "token = [1]", 1, "token", "write [[token]]"},
};

const BadCase kServer[] = {
    {"a key spelt wrong", "[server]\ndatadir = \"x\"", 2, "server.datadir",
     "unknown key; did you mean \"data_dir\"?"},
    {"a key of another section", "[server]\nretention = \"30d\"", 2, "server.retention", "unknown key"},
    {"an empty data folder", "[server]\ndata_dir = \"\"", 2, "server.data_dir", "is empty: name the folder"},
    {"a data folder that is no text", "[server]\ndata_dir = 7", 2, "server.data_dir",
     "must be a string, not an integer"},
    {"an address without a port", "[server]\nlisten = \"127.0.0.1\"", 2, "server.listen[0]",
     "write an IP address and a port"},
    {"a host name to listen on", "[server]\nlisten = \"localhost:80\"", 2, "server.listen[0]",
     "is no address"},
    {"a port over 65535", "[server]\nlisten = \"127.0.0.1:65536\"", 2, "server.listen[0]", "is no address"},
    {"a port with something behind it", "[server]\nlisten = \"127.0.0.1:80x\"", 2, "server.listen[0]",
     "is no address"},
    {"IPv6 without brackets", "[server]\nlisten = \"::1:8080\"", 2, "server.listen[0]", "is no address"},
    {"every address of the machine", "[server]\nlisten = \"0.0.0.0:8080\"", 2, "server.listen[0]",
     "insecure_bind = true"},
    {"every IPv6 address", "[server]\nlisten = \"[::]:8080\"", 2, "server.listen[0]",
     "not a loopback address"},
    {"one public address among two", "[server]\nlisten = [\n  \"127.0.0.1:1\",\n  \"192.0.2.1:1\",\n]", 4,
     "server.listen[1]", "not a loopback address"},
    {"a list of addresses with a number", "[server]\nlisten = [1]", 2, "server.listen[0]",
     "must be a string, not an integer"},
    {"an address that is a boolean", "[server]\nlisten = true", 2, "server.listen",
     "a string or an array of strings"},
    {"nothing to listen on", "[server]\nlisten = []", 2, "server.listen", "neither an address nor a socket"},
    {"a flag in quotes", "[server]\ninsecure_bind = \"true\"", 2, "server.insecure_bind",
     "must be a boolean, not a string"},
    {"a socket path that does not fit",
     "[server]\nsocket = "
     "\"/"
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
     "aaaaaaaaaaaaaaaaa\"",
     2, "server.socket", "at most 107 bytes"},
    {"a host with a scheme", "[server]\nhosts = [\"https://x.example\"]", 2, "server.hosts[0]",
     "is no host name"},
};

const BadCase kSections[] = {
    {"an event limit of nothing", "[limits]\nevent_bytes = 0", 2, "limits.event_bytes",
     "0 is out of range: it may be 1024 to 16777216"},
    {"a negative limit", "[limits]\nconnections = -1", 2, "limits.connections", "it may be 1 to 65536"},
    {"a window too wide", "[limits]\nwindow = 257", 2, "limits.window", "it may be 1 to 256"},
    {"a limit in quotes", "[limits]\nhot_queue = \"256\"", 2, "limits.hot_queue",
     "must be an integer, not a string"},
    {"a limit with a fraction", "[limits]\nbatch_events = 1.5", 2, "limits.batch_events",
     "must be an integer, not a decimal number"},
    {"a body smaller than an event", "[limits]\nevent_bytes = 8192\nbatch_bytes = 4096", 3,
     "limits.batch_bytes", "is below event_bytes (8192)"},
    {"a retention without a unit", "[store]\nretention = \"30\"", 2, "store.retention", "is no duration"},
    {"a retention that is a number", "[store]\nretention = 30", 2, "store.retention",
     "must be a string, not an integer: write a duration"},
    {"a retention of minutes", "[store]\nretention = \"5m\"", 2, "store.retention", "it may be 1h to 3650d"},
    {"keys that outlive their events", "[store]\nretention = \"12h\"\nidempotency = \"13h\"", 3,
     "store.idempotency", "is longer than store.retention (12h)"},
    {"an allowed range that is none", "[egress]\nallow = [\"127.0.0.0/8\", \"10.0.0.0/33\"]", 2,
     "egress.allow[1]", "10.0.0.0/33"},
    {"a grant that is no yes or no", "[egress]\nsmtp_without_tls = \"starttls\"", 2,
     "egress.smtp_without_tls", "must be a boolean, not a string"},
    {"certificates that cannot be read", "[egress]\nca_file = \"/nowhere/ca.pem\"", 2, "egress.ca_file",
     "cannot read \"/nowhere/ca.pem\": No such file"},
    {"a log level that does not exist", "[log]\nlevel = \"warning\"", 2, "log.level",
     "\"warning\" is not known"},
    {"a log format that does not exist", "[log]\nformat = \"jason\"", 2, "log.format",
     "did you mean \"json\"?"},
    {"a plugin without a path",
     "[[plugin]]\nsha256 = \"0000000000000000000000000000000000000000000000000000000000000000\"", 1,
     "plugin[0].path", "is missing"},
    {"a plugin listed twice", "[[plugin]]\npath = \"/x/a.so\"\n[[plugin]]\npath = \"/x/../x/a.so\"", 4,
     "plugin[1].path", "is listed in line 1 already"},
    {"a hash that is too short", "[[plugin]]\npath = \"/x/a.so\"\nsha256 = \"00\"", 3, "plugin[0].sha256",
     "64 hexadecimal digits"},
    {"an isolation there is none of", "[[plugin]]\npath = \"/x/a.so\"\nisolation = \"jail\"", 3,
     "plugin[0].isolation", "sandbox"},
    {"a full sandbox that is none",
     "[[plugin]]\npath = \"/x/a.so\"\nisolation = \"in-process\"\nrequire = \"full\"", 4, "plugin[0].require",
     "remove one"},
};

const BadCase kEventTypes[] = {
    {"an event type without a category", "[[event_type]]\nname = \"a.b\"", 1, "event_type[0].category",
     "is missing"},
    {"a category by another name", "[[event_type]]\nname = \"a.b\"\ncategory = \"security\"", 3,
     "event_type[0].category", "is no category; there is security_alert, system_notification, system_error"},
    {"an event type of one segment", "[[event_type]]\nname = \"backup\"\ncategory = \"system_error\"", 2,
     "event_type[0].name", "is no event type's name"},
    {"an event type that ships already",
     "[[event_type]]\nname = \"scan.failed\"\ncategory = \"system_error\"", 2, "event_type[0].name",
     "there is an event type \"scan.failed\" already"},
    {"a severity spelt wrong",
     "[[event_type]]\nname = \"a.b\"\ncategory = \"system_error\"\ndefault_severity = \"hihg\"", 4,
     "event_type[0].default_severity", "is no severity; did you mean \"high\"?"},
    {"a floor that is none",
     "[[event_type]]\nname = \"a.b\"\ncategory = \"system_error\"\nfloor = \"ground\"", 4,
     "event_type[0].floor", "is no severity"},
    {"a default alert that is a number",
     "[[event_type]]\nname = \"a.b\"\ncategory = \"system_error\"\ndefault_alert = 3", 4,
     "event_type[0].default_alert", "must be true, false or the severity"},
};

const BadCase kTokens[] = {
    {"a token without a name", "[[token]]\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"", 1,
     "token[0].name", "is missing"},
    {"a token name with a capital",
     "[[token]]\nname = \"Ops\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"", 2, "token[0].name",
     "is no name"},
    {"a role that does not exist",
     "[[token]]\nname = \"a\"\nrole = \"root\"\nteams = [\"t\"]\ntoken = "
     "\"0123456789abcdef0123\"\n[[team]]\nname = \"t\"",
     3, "token[0].role", "is no role; there is service, member, admin, operator"},
    {"a user of a service",
     "[[token]]\nname = \"a\"\nrole = \"service\"\nteams = [\"t\"]\nuser = \"u\"\ntoken = "
     "\"0123456789abcdef0123\"\n[[team]]\nname = \"t\"",
     5, "token[0].user", "a service has no notification centre: remove user"},
    {"a user with a blank",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nuser = \"a b\"\ntoken = \"0123456789abcdef0123\"", 4,
     "token[0].user", "must be 1 to 128 visible ASCII characters"},
    {"an empty user",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nuser = \"\"\ntoken = \"0123456789abcdef0123\"", 4,
     "token[0].user", "must be 1 to 128 visible ASCII characters"},
    {"in_app that is no flag", "[[team]]\nname = \"t\"\nin_app = \"yes\"", 3, "team[0].in_app", "must be"},
    {"a scope that there is not",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nscopes = [\"read_inbox\", \"all\"]\ntoken = "
     "\"0123456789abcdef0123\"",
     4, "token[0].scopes[1]", "is no scope: the role operator may have push_events"},
    {"a scope that the role cannot have",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nscopes = []\ntoken = \"0123456789abcdef0123\"", 4,
     "token[0].scopes", "names nothing"},
    {"a peer that is nobody", "[[peer]]\nname = \"a\"\nrole = \"operator\"", 1, "peer[0].uid",
     "exactly one of uid"},
    {"a peer that is two", "[[peer]]\nname = \"a\"\nrole = \"operator\"\nuid = 1\naccount = \"root\"", 4,
     "peer[0].uid", "exactly one of uid"},
    {"a peer whose account there is not",
     "[[peer]]\nname = \"a\"\nrole = \"operator\"\naccount = \"no-such-account\"", 4, "peer[0].account",
     "this machine has no account"},
    {"two peers of one user",
     "[[peer]]\nname = \"a\"\nrole = \"operator\"\nuid = 5\n[[peer]]\nname = \"b\"\nrole = "
     "\"operator\"\nuid = 5",
     8, "peer[1].uid", "another peer is the same user"},
    {"no token at all", "[[token]]\nname = \"a\"\nrole = \"operator\"", 1, "token[0].token",
     "is missing: give exactly one"},
    {"two forms of token",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\ntoken_env = \"X\"", 4,
     "token[0].token", "has more than one form: give exactly one"},
    {"a token that is too short", "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"short-secret\"", 4,
     "token[0].token", "20 to 512 printable characters"},
    {"a token with a space",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789 abcdef0123\"", 4, "token[0].token",
     "without spaces"},
    {"a token file that is not there",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken_file = \"/nowhere/token\"", 4,
     "token[0].token_file", "cannot read \"/nowhere/token\""},
    {"a token variable that is not set",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken_env = \"TOCSIN_TEST_UNSET\"", 4,
     "token[0].token_env", "is not set"},
    {"a token hash with a letter too many",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nsha256 = "
     "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a080\"",
     4, "token[0].sha256", "64 hexadecimal digits"},
    {"a service without teams",
     "[[token]]\nname = \"a\"\nrole = \"service\"\ntoken = \"0123456789abcdef0123\"", 1, "token[0].teams",
     "list the teams the token is for"},
    {"an operator with teams",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\nteams = []\ntoken = \"0123456789abcdef0123\"", 4,
     "token[0].teams", "an operator sees every team"},
    {"a team that does not exist",
     "[[token]]\nname = \"a\"\nrole = \"service\"\nteams = [\"bleu\"]\ntoken = "
     "\"0123456789abcdef0123\"\n[[team]]\nname = \"blue\"",
     4, "token[0].teams[0]", "there is no team \"bleu\"; did you mean \"blue\"?"},
    {"an expiry without a time",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\nexpires = 2027-01-31",
     5, "token[0].expires", "a date and time with its offset"},
    {"an expiry without an offset",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\nexpires = "
     "2027-01-31T00:00:00",
     5, "token[0].expires", "with its offset"},
    {"an expiry in days",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\nexpires = 90", 5,
     "token[0].expires", "such as 2027-01-31T00:00:00Z"},
    {"two tokens of one name",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\n[[token]]\nname = "
     "\"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0124\"",
     6, "token[1].name", "another token is called \"a\""},
    {"one token for two names",
     "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"\n[[token]]\nname = "
     "\"b\"\nrole = \"operator\"\ntoken = \"0123456789abcdef0123\"",
     8, "token[1].token", "another entry has the same token"},
};

TEST(BadConfig, IsRefusedWhereItIsNotOurGrammar) {
  for (const auto& c : kGrammar) expect_refused(c);
}
TEST(BadConfig, IsRefusedWhereTheServerCannotListenSafely) {
  for (const auto& c : kServer) expect_refused(c);
}
TEST(BadConfig, IsRefusedWhereASectionIsWrong) {
  for (const auto& c : kSections) expect_refused(c);
}
TEST(BadConfig, IsRefusedWhereAnEventTypeIsWrong) {
  for (const auto& c : kEventTypes) expect_refused(c);
}
TEST(BadConfig, IsRefusedWhereATokenIsWrong) {
  for (const auto& c : kTokens) expect_refused(c);
}
TEST(BadConfig, ReportsEverythingInTheFilesOrderUpToFifty) {
  const ConfigFolder folder;
  std::string text = "[[team]]\nname = \"t\"\n";
  for (int i = 0; i < 80; ++i)
    text += "[[team.rule]]\nname = \"r" + std::to_string(i) + "\"\nchannels = [\"none\"]\n";
  text += "[log]\nlevel = \"loud\"\n";
  const auto config = folder.load("[store]\nretention = \"x\"\n" + text);
  ASSERT_FALSE(config);
  const auto& fields = config.error().fields;
  ASSERT_EQ(fields.size(), 50U);
  EXPECT_THAT(fields[0].pointer, HasSubstr(":2: store.retention"));
  EXPECT_THAT(fields[1].pointer, HasSubstr(":7: team[0].rule[0].channels[0]"));
  EXPECT_THAT(fields[49].pointer, HasSubstr("team[0].rule[48].channels[0]"));
}

TEST(BadConfig, FindsPatternsAndNamesWrongAtOnce) {
  const ConfigFolder folder;
  const auto config = folder.load(R"([[team]]
name = "t"
[[team.channel]]
name = "C"
type = "webhook"
[[team.rule]]
name = "r"
channels = ["D"]
events = ["nothing.*"]
stop = 1
)");
  ASSERT_FALSE(config);
  std::vector<std::string> places;
  for (const auto& field : config.error().fields)
    places.push_back(field.pointer.substr(folder.path("tocsin.toml").size()));
  EXPECT_THAT(places, testing::ElementsAre(":4: team[0].channel[0].name", ":8: team[0].rule[0].channels[0]",
                                           ":9: team[0].rule[0].events[0]", ":10: team[0].rule[0].stop"));
}

TEST(BadConfig, NeverShowsASecretInAnErrorText) {
  const ConfigFolder folder;
  const auto short_token = folder.write("token", "hush-hush");
  const auto config = folder.load(
      "[[token]]\nname = \"a\"\nrole = \"operator\"\ntoken = \"hush-hush\"\n"
      "[[token]]\nname = \"b\"\nrole = \"operator\"\ntoken_file = \"token\"\n");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().fields.size(), 2U);
  for (const auto& field : config.error().fields) EXPECT_THAT(field.message, Not(HasSubstr("hush")));
}

TEST(BadConfig, SaysWhichFileCannotBeRead) {
  const ConfigFolder folder;
  const auto missing = load_config(folder.path("none.toml"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Errc::kIo);
  EXPECT_THAT(missing.error().detail, HasSubstr("none.toml\": No such file"));
  EXPECT_EQ(load_config(folder.path("")).error().code, Errc::kIo) << "a folder is no file";
}

TEST(BadConfig, NamesTheEnvironmentVariableThatIsWrong) {
  const ConfigFolder folder;
  const ScopedVariable variable("TOCSIN_STORE_RETENTION", "for ever");
  const auto config = folder.load("");
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().detail,
            folder.path("tocsin.toml") +
                ": store.retention: TOCSIN_STORE_RETENTION in the environment: \"for ever\" is no "
                "duration: write a duration such as \"90s\", \"1h30m\" or \"30d\"");
}

}  // namespace
}  // namespace tocsin::config
