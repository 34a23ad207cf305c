// Secrets that stand elsewhere than in the configuration: in a file, an environment variable or a systemd
// credential. Error texts name the place, never the value.
#pragma once

#include <string>

#include "security/secret.hpp"

namespace tocsin::config {

// The file's bytes without one trailing newline. False: `problem` says why not.
[[nodiscard]] bool load_secret_file(const std::string& path, security::Secret& secret, std::string& problem);
[[nodiscard]] bool load_secret_variable(const std::string& name, security::Secret& secret,
                                        std::string& problem);
// $CREDENTIALS_DIRECTORY/name.
[[nodiscard]] bool load_credential(const std::string& name, security::Secret& secret, std::string& problem);

}  // namespace tocsin::config
