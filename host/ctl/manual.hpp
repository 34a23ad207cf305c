// The command's manual page, tocsin(1), from what the command line itself declares: it cannot say something
// else than --help. Pure.
#pragma once

#include <string>
#include <vector>

namespace tocsin::ctl {

struct ManualOption {
  std::string names;     // "-c,--config"; empty: only a position
  std::string position;  // "file"; empty: not given by position
  bool takes_value = false;
  bool required = false;
  std::string help;
  std::string given;  // what it is where it is left out; empty: nothing
};

struct ManualCommand {
  std::string path;  // "tocsin plugin new"
  std::string help;
  std::vector<ManualOption> options;
};

struct ManualPage {
  std::string summary;
  std::string footer;
  std::vector<ManualCommand> commands;  // the first is the program itself
};

// In the man(7) macros.
[[nodiscard]] std::string write_manual(const ManualPage& page);

}  // namespace tocsin::ctl
