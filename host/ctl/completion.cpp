// See completion.hpp.
#include "ctl/completion.hpp"

#include <algorithm>

namespace tocsin::ctl {
namespace {

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// One case a command path; the path is what was typed so far without options.
std::string write_cases(const std::vector<CommandWords>& commands) {
  std::string out;
  for (const auto& command : commands) {
    out += "    \"" + command.path + "\") words=\"" + join(command.words) + "\" ;;\n";
  }
  return out;
}

std::string write_bash(const std::vector<CommandWords>& commands) {
  return R"(_tocsin() {
  local path="" word words=""
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || path="${path:+$path }$word"
  done
  case "$path" in
)" + write_cases(commands) +
         R"(  esac
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tocsin tocsin
)";
}

std::string write_zsh(const std::vector<CommandWords>& commands) {
  return "#compdef tocsin\nautoload -U +X bashcompinit && bashcompinit\n" + write_bash(commands);
}

std::string write_fish(const std::vector<CommandWords>& commands) {
  std::string out = R"(function __tocsin_path
  set -l words (commandline -opc | string match -v -- '-*')
  test "$words[2..-1]" = "$argv[1]"
end
complete -c tocsin -f
)";
  for (const auto& command : commands) {
    for (const auto& word : command.words) {
      out += "complete -c tocsin -n '__tocsin_path \"" + command.path + "\"' ";
      out += word.starts_with("--") ? "-l " + word.substr(2) + "\n" : "-a '" + word + "'\n";
    }
  }
  return out;
}

}  // namespace

std::optional<std::string> write_completion(std::string_view shell,
                                            const std::vector<CommandWords>& commands) {
  if (shell == "bash") return write_bash(commands);
  if (shell == "zsh") return write_zsh(commands);
  if (shell == "fish") return write_fish(commands);
  return std::nullopt;
}

}  // namespace tocsin::ctl
