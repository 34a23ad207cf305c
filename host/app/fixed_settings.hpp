// What only a start reads of the configuration file.
#pragma once

#include "config/config.hpp"

namespace tocsin::app {

// Logs each of them that a reload would change. Named one by one, so that nobody believes in a change that
// did not happen.
void warn_of_fixed_settings(const config::Config& old, const config::Config& config);

}  // namespace tocsin::app
