// See mail_template.hpp. The check reads the tags by itself, because the library neither limits nesting nor
// knows names.
#include "mail_template.hpp"

#include <algorithm>
#include <array>
#include <kainjow/mustache.hpp>
#include <tocsin/cpp/graphemes.hpp>

namespace smtp {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::size_t kMaxDepth = 6;

constexpr std::array<std::string_view, 10> kEventNames{
    "title", "summary", "severity", "severity_word", "color", "type", "source", "time", "link", "event_id"};
constexpr std::array<std::string_view, 6> kMailNames{"team",   "delivery_id", "count",
                                                     "counts", "more",        "console_url"};
constexpr std::array<std::string_view, 2> kFlagNames{"test", "digest"};
constexpr std::array<std::string_view, 2> kLists{"events", "labels"};
constexpr std::array<std::string_view, 2> kLabelNames{"name", "value"};

template <class Names>
bool among(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_value(std::string_view name) {
  return among(kEventNames, name) || among(kMailNames, name) || among(kLabelNames, name);
}

std::string known_names() {
  std::string text;
  const auto add = [&text](const auto& names) {
    for (const auto name : names) text += (text.empty() ? "" : ", ") + std::string(name);
  };
  add(kEventNames), add(kMailNames), add(kFlagNames), add(kLists), add(kLabelNames);
  return text;
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

class TemplateCheck {
 public:
  TemplateCheck(std::string_view text, Escape escape) : text_(text), escape_(escape) {}

  std::string run() {
    while (fault_.empty()) {
      const auto open = text_.find("{{", at_);
      if (open == text_.npos) break;
      count_lines(open);
      const bool triple = text_.substr(open, 3) == "{{{";
      const auto close = text_.find(triple ? "}}}" : "}}", open);
      if (close == text_.npos) {
        fail("a tag is not closed; end it with " + std::string(triple ? "}}}" : "}}"));
        break;
      }
      const std::size_t begin = open + (triple ? 3 : 2);
      tag(trim(text_.substr(begin, close - begin)), triple);
      at_ = close + (triple ? 3 : 2);
    }
    if (fault_.empty() && !open_.empty())
      fail("the section " + quoted(open_.back()) + " is not closed; end it with {{/" + open_.back() + "}}");
    return fault_;
  }

 private:
  void tag(std::string_view inside, bool triple) {
    const char sign = inside.empty() || triple ? ' ' : inside.front();
    const std::string_view name =
        sign != ' ' && std::string_view("#^/&>=!").find(sign) != std::string_view::npos
            ? trim(inside.substr(1))
            : inside;
    switch (sign) {
      case '!':
        return;  // a remark
      case '>':
        return fail("there are no partials; write the text itself");
      case '=':
        return fail("the delimiters stay {{ and }}");
      case '#':
      case '^':
        return open(name);
      case '/':
        return close(name);
      default:
        break;
    }
    if ((triple || sign == '&') && escape_ == Escape::kHtml)
      return fail("values are always escaped in HTML, since anybody can write into an event; use two braces");
    if (!is_value(name)) unknown(name);
  }
  void open(std::string_view name) {
    if (!is_value(name) && !among(kFlagNames, name) && !among(kLists, name)) return unknown(name);
    // A list within itself would be walked once for each of its own items.
    if (among(open_, name))
      return fail("the section " + quoted(name) + " stands within itself; close the outer one first");
    if (open_.size() == kMaxDepth)
      return fail("sections are nested deeper than 6; make the template simpler");
    open_.emplace_back(name);
  }
  void close(std::string_view name) {
    if (open_.empty()) return fail("{{/" + std::string(name) + "}} closes a section that is not open");
    if (open_.back() != name)
      return fail("{{/" + std::string(name) + "}} stands where {{/" + open_.back() + "}} is due");
    open_.pop_back();
  }
  void unknown(std::string_view name) {
    if (name.empty()) return fail("a tag is empty; name a value in it");
    fail(quoted(name) + " is no value; there is " + known_names());
  }
  static std::string quoted(std::string_view name) {
    return '"' + tocsin::cut_text(tocsin::plain_text(name), {.code_points = 40}) + '"';
  }
  void count_lines(std::size_t until) {
    line_ += static_cast<std::size_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                                 text_.begin() + static_cast<std::ptrdiff_t>(until), '\n'));
    counted_ = until;
  }
  void fail(const std::string& why) { fault_ = "line " + std::to_string(line_) + ": " + why; }

  std::string_view text_;
  Escape escape_;
  std::size_t at_ = 0, line_ = 1, counted_ = 0;
  std::vector<std::string> open_;
  std::string fault_;
};

mustache::data labels_of(const EventValues& event) {
  mustache::data list(mustache::data::type::list);
  for (const auto& [name, value] : event.labels) {
    mustache::data label;
    label.set("name", name);
    label.set("value", value);
    list.push_back(std::move(label));
  }
  return list;
}

// An empty text is false, so that {{#link}}…{{/link}} does what it says.
void set_value(mustache::data& data, const std::string& name, const std::string& text) {
  text.empty() ? data.set(name, mustache::data(mustache::data::type::bool_false)) : data.set(name, text);
}

void set_event(mustache::data& data, const EventValues& event) {
  for (const auto& [name, text] : event.values) set_value(data, name, text);
  data.set("labels", labels_of(event));
}

struct Full {};  // thrown by our own handler, caught below

}  // namespace

std::string template_fault(std::string_view text, Escape escape) {
  if (text.size() > kMaxTemplate) return "is longer than 16 KiB; make it shorter";
  if (std::string fault = TemplateCheck(text, escape).run(); !fault.empty()) return fault;
  const mustache::mustache parsed{std::string(text)};
  return parsed.is_valid() ? "" : "cannot be read: " + parsed.error_message();
}

Filled fill_in(const std::string& text, const MailValues& values, Escape escape) {
  mustache::mustache compiled(text);
  if (escape == Escape::kNone) compiled.set_custom_escape([](const std::string& value) { return value; });
  mustache::data data;
  set_event(data, values.first);
  for (const auto& [name, value] : values.values) set_value(data, name, value);
  for (const auto name : kFlagNames) {
    const bool on = among(values.flags, name);
    data.set(std::string(name),
             mustache::data(on ? mustache::data::type::bool_true : mustache::data::type::bool_false));
  }
  mustache::data events(mustache::data::type::list);
  for (std::size_t i = 0; i < std::min(values.events.size(), kMaxListed); ++i) {
    mustache::data one;
    set_event(one, values.events[i]);
    events.push_back(std::move(one));
  }
  data.set("events", std::move(events));
  std::string out;
  try {
    compiled.render(data, [&out](const std::string& piece) {
      out += piece;
      if (out.size() > kMaxRendered) throw Full{};
    });
  } catch (const Full&) {
    return {tocsin::cut_text(out, {.bytes = kMaxRendered}), true};
  }
  return {std::move(out), false};
}

}  // namespace smtp
