// See manual.hpp.
#include "ctl/manual.hpp"

#include <algorithm>
#include <string_view>

#include "version.hpp"

namespace tocsin::ctl {
namespace {

// Text that troff takes as it is: no line of it is a request, and '-' can be copied as an option's.
std::string literal(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    at_start = c == '\n';
  }
  return out;
}

std::string write_option(const ManualOption& option) {
  std::string out = ".TP\n.B ";
  const std::string value = option.position.empty() ? "value" : option.position;
  if (option.names.empty()) {
    out += literal(option.position);
  } else {
    std::string names = option.names;
    for (auto comma = names.find(','); comma != std::string::npos; comma = names.find(',', comma + 2)) {
      names.insert(comma + 1, " ");
    }
    out += literal(names) + (option.takes_value ? " " + literal(value) : "");
  }
  out += '\n' + literal(option.help);
  if (!option.given.empty()) out += " (else " + literal(option.given) + ")";
  return out + (option.required ? " (required)\n" : "\n");
}

// What is given by position, in a line's usual form.
std::string write_synopsis(const ManualCommand& command) {
  std::string out = literal(command.path);
  for (const ManualOption& option : command.options) {
    if (option.names.empty() || !option.required) continue;
    out += ' ' + literal(option.names) + " value";
  }
  out += " [options]";
  for (const ManualOption& option : command.options) {
    if (!option.names.empty()) continue;
    out += option.required ? ' ' + literal(option.position) : " [" + literal(option.position) + ']';
  }
  return out;
}

}  // namespace

std::string write_manual(const ManualPage& page) {
  const auto parent_of_others = [&](const ManualCommand& command) {
    return std::ranges::any_of(page.commands, [&](const ManualCommand& other) {
      return other.path.starts_with(command.path + ' ');
    });
  };
  std::string out = ".TH TOCSIN 1 \"\" \"tocsin " TOCSIN_VERSION "\" \"User Commands\"\n.SH NAME\n";
  const auto colon = page.summary.find(": ");
  out += "tocsin \\- " + literal(page.summary.substr(colon == std::string::npos ? 0 : colon + 2)) + '\n';
  out += ".SH SYNOPSIS\n.B tocsin\n[options] command [options]\n.SH OPTIONS\n";
  for (const ManualOption& option : page.commands.front().options) out += write_option(option);
  out += ".SH COMMANDS\n";
  for (std::size_t i = 1; i < page.commands.size(); ++i) {
    const ManualCommand& command = page.commands[i];
    if (parent_of_others(command) && command.options.empty()) continue;  // its parts are told one by one
    out += ".SS " + write_synopsis(command) + '\n' + literal(command.help) + ".\n";
    for (const ManualOption& option : command.options) out += write_option(option);
  }
  out += ".SH NOTES\n.nf" + literal(page.footer) + "\n.fi\n.SH SEE ALSO\n.BR tocsind (8)\n";
  return out;
}

}  // namespace tocsin::ctl
