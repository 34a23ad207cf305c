// The commands about the tokens that open the API.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ctl/console.hpp"
#include "ctl/daemon.hpp"

namespace tocsin::ctl {

struct NewToken {
  std::string name;
  std::string role;
  std::vector<std::string> teams;
  std::vector<std::string> scopes;  // none: what the role may
  std::string user;
  std::optional<std::string> expires;  // RFC 3339; none: never
};

[[nodiscard]] Exit list_tokens(Daemon& daemon, Console& console);
// Prints the token, which is shown never again; alone where the console is quiet.
[[nodiscard]] Exit create_token(const NewToken& wish, Daemon& daemon, Console& console);
[[nodiscard]] Exit revoke_token(const std::string& name, Daemon& daemon, Console& console);

}  // namespace tocsin::ctl
