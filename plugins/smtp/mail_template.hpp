// Subject and body templates: kainjow Mustache within bounds. A template is text that an admin wrote and
// values that anybody wrote: it is checked when it is saved (names, nesting, nothing raw in HTML), so that
// filling it in can neither fail nor take long, and what comes out is capped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace smtp {

enum class Escape { kNone, kHtml };

inline constexpr std::size_t kMaxTemplate = 16 * 1024;
inline constexpr std::size_t kMaxRendered = 1024 * 1024;
inline constexpr std::size_t kMaxListed = 1000;  // events of a digest that a body can list

// "" where the template is sound, else one sentence with the line and the fix.
[[nodiscard]] std::string template_fault(std::string_view text, Escape escape);

// The values of one event.
struct EventValues {
  std::vector<std::pair<std::string, std::string>> values;  // name, text
  std::vector<std::pair<std::string, std::string>> labels;
};
// What a template may name: everything of the (first) event, and of the mail.
struct MailValues {
  EventValues first;
  std::vector<std::pair<std::string, std::string>> values;
  std::vector<std::string> flags;   // names that are true
  std::vector<EventValues> events;  // all, for {{#events}}
};

struct Filled {
  std::string text;  // at most kMaxRendered bytes, whole characters
  bool cut = false;
};
// Of a template without fault.
[[nodiscard]] Filled fill_in(const std::string& text, const MailValues& values, Escape escape);

}  // namespace smtp
