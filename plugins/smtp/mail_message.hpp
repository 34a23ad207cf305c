// The bytes of one mail to one recipient: headers, text and HTML, the same on every attempt. Pure.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

#include "settings.hpp"

namespace smtp {

// What is the same for all recipients of a message, rendered once.
struct MailContent {
  std::string headers;  // all but To and Message-ID
  std::string body;     // with its boundary
  std::string delivery_id, domain;
};

[[nodiscard]] MailContent compose(const Settings& settings, tocsin::message message);
[[nodiscard]] std::string mail_for(const MailContent& content, const Address& recipient);

// 16 hexadecimal digits that stand for an address or an id where it need not be read: FNV-1a, 64 bits.
[[nodiscard]] std::string short_hash(std::string_view text);

}  // namespace smtp
