// What a mail server's answer to one recipient's transaction means: the stage first, then the enhanced code,
// then the first digit. A pure function, so that every answer is one row of a test. What it does not do:
// decide when to try again; the host does.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

namespace smtp {

struct Verdict {
  int status = 0;      // TOCSIN_DELIVERED .., as for an outcome
  std::string code;    // "mailbox_unknown"
  std::string detail;  // one sentence, with the server's own code
};

[[nodiscard]] Verdict judge(std::uint32_t io_error, bool request_sent, const tocsin::smtp_answer& answer);

// It concerns this recipient or this message; the next recipient may fare better on the same connection.
[[nodiscard]] bool concerns_recipient(const tocsin::smtp_answer& answer, std::uint32_t io_error);

}  // namespace smtp
