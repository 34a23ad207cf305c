// The manual page: what troff reads as text stays text, and every command is in it.
#include "ctl/manual.hpp"

#include <gmock/gmock.h>

#include "ctl/played_daemon.hpp"

namespace tocsin::ctl {
namespace {

using testing::HasSubstr;

TEST(Manual, KeepsTextFromBeingARequest) {
  const auto page = write_manual({"tocsin: the summary",
                                  "\n.first\n'second\\x",
                                  {{"tocsin", "", {{"-c,--config", "", true, false, "The file", "/etc/x"}}},
                                   {"tocsin do", "Do it", {{"", "what", true, true, "Which", ""}}}}});
  EXPECT_THAT(page, HasSubstr("tocsin \\- the summary\n"));
  EXPECT_THAT(page, HasSubstr(".B \\-c, \\-\\-config value\nThe file (else /etc/x)\n"));
  EXPECT_THAT(page, HasSubstr(".SS tocsin do [options] what\nDo it.\n"));
  EXPECT_THAT(page, HasSubstr("\n\\&.first\n\\&'second\\ex\n"));
}

TEST(Manual, HasEveryCommand) {
  const auto page = run({"manual"});
  EXPECT_EQ(page.exit, Exit::kOk);
  for (const char* words :
       {"tocsin channel set", "tocsin rule order", "tocsin default\\-alerts", "tocsin keys rotate",
        "tocsin tokens create", "tocsin plugin validate", "tocsin redeliver", "TOCSIN_TOKEN"}) {
    EXPECT_THAT(page.out, HasSubstr(words));
  }
  EXPECT_THAT(page.out, testing::Not(HasSubstr("plugin check")));
}

}  // namespace
}  // namespace tocsin::ctl
