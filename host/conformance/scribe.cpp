// See scribe.hpp. One line each: "at …", "found {json}", "more N M", "sandbox full", "broke", "end".
#include "conformance/scribe.hpp"

#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>
#include <cerrno>
#include <charconv>

#include "plugin/plain_text.hpp"

namespace tocsin::conformance {

namespace json = boost::json;

namespace {

constexpr std::size_t kMaxText = 600;

bool take(std::string_view& line, std::string_view word) {
  if (!line.starts_with(word)) return false;
  line.remove_prefix(word.size());
  return true;
}

Finding read_finding(std::string_view text) {
  json::error_code error;
  const auto value = json::parse({text.data(), text.size()}, error);
  if (error || !value.is_object())
    return {"", "the check wrote what nobody understands", "report this", false, 0};
  const auto& object = value.get_object();
  return {json::value_to<std::string>(object.at("type")), json::value_to<std::string>(object.at("what")),
          json::value_to<std::string>(object.at("fix")), object.at("advice").as_bool(), 0};
}

}  // namespace

void Scribe::write(std::string_view line) const {
  if (descriptor_ < 0) return;
  const std::string whole = std::string(line) + '\n';
  for (std::string_view rest = whole; !rest.empty();) {
    const auto written = ::write(descriptor_, rest.data(), rest.size());
    // Nothing can be told from here on; whoever closed it is the plugin.
    if (written < 0 && errno == EBADF) ::_exit(kStatusOfClosed);
    if (written <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(written));
  }
}

void Scribe::step(std::string_view where) {
  std::string line = "at " + plugin::repair_text(where, 120);
  plugin::replace_all(line, "\n", " ");
  write(line);
}

void Scribe::find(Finding finding) {
  const auto [at, is_new] = known_.try_emplace(finding.type + '\n' + finding.fix, findings_.size());
  if (!is_new) {
    ++findings_[at->second].more;
    return;
  }
  finding.what = plugin::repair_text(finding.what, kMaxText);
  const json::object object{
      {"type", finding.type}, {"what", finding.what}, {"fix", finding.fix}, {"advice", finding.advice}};
  write("found " + json::serialize(object));
  findings_.push_back(std::move(finding));
}

void Scribe::broke() {
  write("broke");
}

void Scribe::sandboxed(std::string_view level) {
  write("sandbox " + std::string(level));
}

void Scribe::end() {
  for (std::size_t i = 0; i < findings_.size(); ++i) {
    if (findings_[i].more > 0) write("more " + std::to_string(i) + ' ' + std::to_string(findings_[i].more));
  }
  write("end");
}

std::string fix_of_end(std::string_view how) {
  const auto says = [&](std::string_view word) { return how.find(word) != how.npos; };
  if (says("did not"))
    return "look for a loop or a wait there: deliver() returns at once, and waits by callback";
  if (says("ended with status"))
    return "never call exit() or exec(): its deliveries would wait for the next process";
  return "run the channel's own test of that message under -fsanitize=address,undefined";
}

Written read_written(std::string_view text) {
  Written out;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    if (take(line, "at ")) {
      out.last_step = line;
    } else if (take(line, "found ")) {
      out.findings.push_back(read_finding(line));
    } else if (take(line, "more ")) {
      std::size_t index = 0;
      std::size_t count = 0;
      const auto space = std::min(line.find(' '), line.size() - 1);
      std::from_chars(line.data(), line.data() + space, index);
      std::from_chars(line.data() + space + 1, line.data() + line.size(), count);
      if (index < out.findings.size()) out.findings[index].more = count;
    } else if (take(line, "sandbox ")) {
      out.sandbox = line;
    } else if (line == "broke") {
      out.broke = true;
    } else if (line == "end") {
      out.ended = true;
    }
  }
  return out;
}

}  // namespace tocsin::conformance
