// The completion scripts, as the command writes them: well-formed for the shell, and complete.
#include "ctl/completion.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "ctl/cli.hpp"

namespace tocsin::ctl {
namespace {

// What bash offers after `line` once it has read the script.
std::string complete_in_bash(const std::string& script, const std::string& words, int position) {
  const std::string file = testing::TempDir() + "tocsin_completion.bash";
  std::FILE* out = std::fopen(file.c_str(), "w");
  std::fputs(script.c_str(), out);
  std::fclose(out);
  const std::string command = "bash -c 'set -eu; . " + file + "; COMP_WORDS=(" + words +
                              "); COMP_CWORD=" + std::to_string(position) +
                              "; _tocsin; echo ${COMPREPLY[@]}'";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string offered;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) offered += static_cast<char>(c);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return offered;
}

TEST(Completion, OffersWhatMayFollowInBash) {
  const auto script = write_completion(
      "bash", {{"", {"send", "events", "--json"}}, {"events", {"show"}}, {"events show", {"--wait"}}});
  ASSERT_TRUE(script);
  EXPECT_EQ(complete_in_bash(*script, "tocsin e", 1), "events\n");
  EXPECT_EQ(complete_in_bash(*script, "tocsin events \"\"", 2), "show\n");
  EXPECT_EQ(complete_in_bash(*script, "tocsin --json events show --w", 4), "--wait\n");
}

TEST(Completion, KnowsNoOtherShell) {
  EXPECT_FALSE(write_completion("tcsh", {}));
}

TEST(Completion, HoldsEveryCommandOfTheCommandLine) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  const Environment nothing = [](const char*) { return std::nullopt; };
  for (const char* shell : {"bash", "zsh", "fish"}) {
    out.str("");
    EXPECT_EQ(run_command({"completion", shell}, nothing, {in, out, err}), Exit::kOk);
    for (const char* word : {"check-config", "send", "events", "show", "explain", "deliveries", "plugin",
                             "list", "sink", "severity", "hang-rate"}) {
      EXPECT_NE(out.str().find(word), std::string::npos) << shell << " lacks " << word;
    }
  }
}

}  // namespace
}  // namespace tocsin::ctl
