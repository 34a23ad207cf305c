// A mail channel's settings as its form gives them, checked beyond what a schema can say. Refusals name the
// setting and the fix (tocsin::settings_error).
#pragma once

#include <string>
#include <tocsin/plugin.hpp>
#include <vector>

#include "address.hpp"

namespace smtp {

struct Settings {
  tocsin::smtp_mail connection;  // server, port, security, auth, user, password, ehlo, timeout
  Address from;
  std::string from_name;
  std::string reply_to;             // "" where there is none
  std::vector<Address> to;          // 1 to 100, each once
  std::string subject, text, html;  // templates
};

[[nodiscard]] Settings read_settings(const tocsin::settings& given);

}  // namespace smtp
