// Adaptive Cards 1.4 as Teams takes them from a workflow, written down a second time: what a message breaks,
// or "". Knows nothing of the channel's sources. (The npm library judges the same cards in the end-to-end
// test; it does not look at the version, at missing texts or at the size.)
#pragma once

#include <boost/json.hpp>
#include <set>
#include <string>
#include <string_view>

namespace teams_tests {

namespace json = boost::json;

class AdaptiveCard {
 public:
  static std::string fault(std::string_view body) {
    if (body.size() > 20'000) return "over 20,000 bytes";
    json::error_code error;
    const json::value message = json::parse({body.data(), body.size()}, error);
    if (error || !message.is_object()) return "no JSON object";
    AdaptiveCard check;
    check.message(message.get_object());
    return check.fault_;
  }

 private:
  void fail(const std::string& why) {
    if (fault_.empty()) fault_ = why;
  }
  void only(const json::object& object, const std::set<std::string_view>& members) {
    for (const auto& member : object) {
      if (!members.contains(member.key())) fail("unknown member " + std::string(member.key()));
    }
  }
  void message(const json::object& message) {
    only(message, {"type", "attachments"});
    if (message.at("type") != "message") fail("no message");
    const auto& attachments = message.at("attachments").get_array();
    if (attachments.size() != 1) return fail("not one attachment");  // several would be several posts
    const auto& attachment = attachments[0].get_object();
    if (attachment.at("contentType") != "application/vnd.microsoft.card.adaptive")
      fail("not an adaptive card");
    if (!attachment.at("contentUrl").is_null()) fail("contentUrl is not null");
    card(attachment.at("content").get_object());
  }
  void card(const json::object& card) {
    only(card, {"$schema", "type", "version", "fallbackText", "body", "actions", "msteams"});
    if (card.at("type") != "AdaptiveCard" || card.at("version") != "1.4") fail("not version 1.4");
    text(card.at("fallbackText"));
    const auto& body = card.at("body").get_array();
    if (body.empty()) fail("an empty body");
    for (const auto& element : body) this->element(element.get_object());
    const auto& actions = card.at("actions").get_array();
    if (actions.size() > 5) fail("more than five actions");
    for (const auto& action : actions) open_url(action.get_object(), true);
    only(card.at("msteams").get_object(), {"width"});
  }
  void element(const json::object& element) {
    const std::string_view type = element.at("type").get_string();
    if (type == "Container") {
      only(element, {"type", "style", "bleed", "items"});
      static const std::set<std::string_view> kStyles{"default",   "emphasis", "good",
                                                      "attention", "warning",  "accent"};
      if (!kStyles.contains(element.at("style").get_string())) fail("an unknown style");
      for (const auto& item : element.at("items").get_array()) this->element(item.get_object());
    } else if (type == "RichTextBlock") {
      only(element, {"type", "inlines", "spacing"});
      const auto& inlines = element.at("inlines").get_array();
      if (inlines.empty()) fail("a RichTextBlock without text");
      for (const auto& one : inlines) run(one.get_object());
    } else if (type == "FactSet") {
      only(element, {"type", "facts"});
      const auto& facts = element.at("facts").get_array();
      if (facts.empty()) fail("a FactSet without facts");
      for (const auto& fact : facts) this->fact(fact.get_object());
    } else {
      fail("an element that 1.4 does not have or we do not use: " + std::string(type));
    }
  }
  void run(const json::object& run) {
    only(run, {"type", "text", "size", "weight", "color", "isSubtle", "selectAction"});
    if (run.at("type") != "TextRun") fail("an inline that is no TextRun");
    text(run.at("text"));
    if (run.contains("selectAction")) open_url(run.at("selectAction").get_object(), false);
  }
  void fact(const json::object& fact) {
    only(fact, {"title", "value"});
    for (const char* member : {"title", "value"}) {
      text(fact.at(member));
      markdown(fact.at(member).get_string());
    }
  }
  // No markup but what is escaped.
  void markdown(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (std::string_view("*_[]<>").find(text[i]) != std::string_view::npos) {
        fail("markup in a fact");
      }
    }
  }
  void text(const json::value& value) {
    const std::string_view text = value.get_string();
    if (text.empty()) fail("an empty text");
    if (text.find("{{") != text.npos) fail("a macro");
    if (text.find('\n') != text.npos) fail("a line break");
    for (const char c : text) {
      if (static_cast<unsigned char>(c) < 0x20) fail("a control character");
    }
  }
  void open_url(const json::object& action, bool titled) {
    only(action, {"type", "title", "url"});
    if (action.at("type") != "Action.OpenUrl") fail("an action that a webhook may not have");
    if (titled) text(action.at("title"));
    const std::string_view url = action.at("url").get_string();
    if (!url.starts_with("https://") || url.find_first_of(" <>\"|\\") != url.npos)
      fail("a URL that is not https");
  }

  std::string fault_;
};

}  // namespace teams_tests
