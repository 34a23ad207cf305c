// `tocsin`, the operator's command: process-wide things only; the command line is ctl/cli.hpp's.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "ctl/cli.hpp"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const auto environment = [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
  };
  const auto exit =
      tocsin::ctl::run_command({argv + 1, argv + argc}, environment, {std::cin, std::cout, std::cerr});
  std::cout.flush();
  return static_cast<int>(exit);
}
