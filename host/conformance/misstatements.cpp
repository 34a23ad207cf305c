// See misstatements.hpp.
#include "conformance/misstatements.hpp"

#include <algorithm>

#include "model/delivery.hpp"
#include "model/log_limit.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::conformance {
namespace {

constexpr std::size_t kMostDetail = 64 * 1024;  // more does not even travel to the daemon

}  // namespace

std::vector<Misstatement> find_misstatements(const testing::completion& done,
                                             const std::vector<std::pair<std::uint32_t, std::string>>& log,
                                             const std::string& name) {
  std::vector<Misstatement> out;
  const std::string named = " \"" + name + '"';
  const auto not_utf8 = [](const std::string& text) { return !plugin::is_utf8(text); };
  if (done.detail.size() > kMostDetail) {
    out.push_back({"tells " + std::to_string(done.detail.size()) + " bytes about" + named,
                   "keep a detail to a sentence; 1 KiB of it is shown"});
  } else if (not_utf8(done.detail) || not_utf8(done.provider_id)) {
    out.push_back({"the outcome of" + named + " is not UTF-8",
                   "do not copy a receiver's bytes into a detail or an id"});
  }
  if (done.carry.size() > kMaxCarryBytes) {
    out.push_back({"leaves a note of " + std::to_string(done.carry.size()) + " bytes behind" + named,
                   "keep it to " + std::to_string(kMaxCarryBytes) + " bytes; a longer one is dropped"});
  }
  if (log.size() > kMaxLogLines) {
    out.push_back({"writes " + std::to_string(log.size()) + " lines into the log for" + named,
                   "log what an operator needs; above " + std::to_string(kMaxLogLines) +
                       " lines a second they are counted instead"});
  }
  if (std::ranges::any_of(log, [&](const auto& line) { return not_utf8(line.second); })) {
    out.push_back({"a line in the log about" + named + " is not UTF-8", "log texts, not a receiver's bytes"});
  }
  return out;
}

}  // namespace tocsin::conformance
