// Slack's own limits, written down a second time: what a message breaks, or "" where Slack would take it.
// Knows nothing of the channel's sources.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace slack_tests {

namespace json = boost::json;

// JavaScript's length, the strictest reading of "characters".
inline std::size_t length(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) != 0x80) units += byte >= 0xF0 ? 2 : 1;
  }
  return units;
}

class BlockKit {
 public:
  // The first rule that `body` breaks.
  static std::string fault(std::string_view body) {
    json::error_code error;
    const json::value message = json::parse({body.data(), body.size()}, error);
    if (error || !message.is_object()) return "no JSON object";
    BlockKit check;
    check.message(message.get_object());
    if (check.fault_.empty() && check.total_ > 13'000) return "all texts together are over 13,000";
    return check.fault_;
  }

 private:
  void fail(const std::string& why) {
    if (fault_.empty()) fault_ = why;
  }
  void message(const json::object& message) {
    const auto* text = message.if_contains("text");
    if (text == nullptr || text->get_string().empty()) fail("no fallback text");
    if (text != nullptr && length(text->get_string()) > 4000) fail("text would be split");
    if (message.contains("blocks")) blocks(message.at("blocks").get_array());
    if (!message.contains("attachments")) return;
    if (message.at("attachments").get_array().size() > 1) fail("more than one attachment");
    for (const auto& attachment : message.at("attachments").get_array()) {
      if (attachment.at("color").get_string().size() != 7) fail("no colour");
      blocks(attachment.at("blocks").get_array());
    }
  }
  void blocks(const json::array& blocks) {
    if (blocks.empty() || blocks.size() > 50) fail("no or more than 50 blocks");
    for (const auto& block : blocks) this->block(block.get_object());
  }
  void block(const json::object& block) {
    const std::string_view type = block.at("type").get_string();
    if (type == "header") {
      if (block.at("text").at("type") != "plain_text") fail("a header that is no plain_text");
      text(block.at("text"), 150);
    } else if (type == "section") {
      if (block.contains("text")) text(block.at("text"), 3000);
      if (block.contains("fields")) fields(block.at("fields").get_array());
      if (!block.contains("text") && !block.contains("fields")) fail("an empty section");
    } else if (type == "context") {
      const auto& elements = block.at("elements").get_array();
      if (elements.empty() || elements.size() > 10) fail("no or more than 10 context elements");
      for (const auto& element : elements) text(element, 3000);
    } else if (type == "actions") {
      const auto& elements = block.at("elements").get_array();
      if (elements.empty() || elements.size() > 25) fail("no or more than 25 actions");
      for (const auto& element : elements) button(element.get_object());
    } else {
      fail("unknown block " + std::string(type));
    }
  }
  void fields(const json::array& fields) {
    if (fields.empty() || fields.size() > 10) fail("no or more than 10 fields");
    for (const auto& field : fields) text(field, 2000);
  }
  void button(const json::object& button) {
    text(button.at("text"), 75);
    const std::string_view url = button.at("url").get_string();
    if (url.size() > 3000 || !(url.starts_with("https://") || url.starts_with("http://")))
      fail("a button's url");
    for (const char c : url) {
      if (c <= 0x20 || c == 0x7F || c == '<' || c == '>' || c == '"' || c == '|')
        fail("a character in a button's url");
    }
  }
  void text(const json::value& object, std::size_t most) {
    const std::string_view type = object.at("type").get_string();
    if (type != "plain_text" && type != "mrkdwn") fail("a text that is neither plain nor mrkdwn");
    const std::string_view value = object.at("text").get_string();
    if (value.empty()) fail("an empty text");
    if (length(value) > most) fail("a text over " + std::to_string(most));
    total_ += length(value);
    escaped(value, type == "mrkdwn");
  }
  // No bare & < >, but in links of our own making.
  void escaped(std::string_view value, bool links) {
    for (std::size_t at = 0; at < value.size(); ++at) {
      const std::string_view rest = value.substr(at);
      if (rest.front() == '&' && !rest.starts_with("&amp;") && !rest.starts_with("&lt;") &&
          !rest.starts_with("&gt;"))
        fail("a bare &");
      if (rest.front() == '>') fail("a bare >");
      if (rest.front() != '<') continue;
      const auto end = rest.find('>');
      if (!links || end == rest.npos || !(rest.starts_with("<https://") || rest.starts_with("<http://")) ||
          rest.substr(0, end).find('|') == rest.npos)
        return fail("a bare <");
      at += end;
    }
  }

  std::string fault_;
  std::size_t total_ = 0;
};

}  // namespace slack_tests
