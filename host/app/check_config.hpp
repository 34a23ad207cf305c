// Everything a start would check, without starting: the file, its plugins, every channel's settings, and what
// each plugin says to them. Opens no port and no database.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"

namespace tocsin::app {

struct ConfigReport {
  std::vector<FieldError> errors;     // the daemon would refuse to start
  std::vector<std::string> warnings;  // it would start, but something would not work
  std::size_t teams = 0, channels = 0, rules = 0, plugins = 0;
};

[[nodiscard]] ConfigReport check_config(const std::string& file);

}  // namespace tocsin::app
