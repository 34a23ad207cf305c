// See progress.hpp. The note: "1" and, for each recipient that is through, ' ' hash state.
#include "progress.hpp"

#include <algorithm>

#include "mail_message.hpp"

namespace smtp {
namespace {

constexpr std::string_view kVersion = "1";
constexpr std::size_t kHash = 16;
constexpr std::size_t kNamed = 5;  // refused addresses that a detail names

// Which of two reasons to wait says more about what has to be done.
int weight(int status) {
  switch (status) {
    case TOCSIN_MISCONFIGURED:
      return 4;
    case TOCSIN_RATE_LIMITED:
      return 3;
    case TOCSIN_UNCERTAIN:
      return 2;
    case TOCSIN_RETRY:
      return 1;
    default:
      return 0;
  }
}

}  // namespace

Progress::Progress(const std::vector<Address>& to, std::string_view carry)
    : to_(to), states_(to.size(), State::kWaiting) {
  if (!carry.starts_with(kVersion)) return;
  carry.remove_prefix(kVersion.size());
  std::map<std::string, State, std::less<>> known;
  for (; carry.size() >= kHash + 2; carry.remove_prefix(kHash + 2)) {
    const char state = carry[kHash + 1];
    if (carry[0] == ' ' && (state == 'd' || state == 'f'))
      known[std::string(carry.substr(1, kHash))] = static_cast<State>(state);
  }
  for (std::size_t i = 0; i < to_.size(); ++i) {
    const auto found = known.find(short_hash(to_[i].text));
    if (found != known.end()) states_[i] = found->second;
  }
}

std::vector<std::size_t> Progress::waiting() const {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] == State::kWaiting) out.push_back(i);
  }
  return out;
}

void Progress::ended(std::size_t recipient, Verdict verdict) {
  if (verdict.status == TOCSIN_DELIVERED) {
    states_[recipient] = State::kDelivered;
    return;
  }
  if (weight(verdict.status) == 0) states_[recipient] = State::kRefused;
  verdicts_[recipient] = std::move(verdict);
}

std::size_t Progress::count(State state) const {
  return static_cast<std::size_t>(std::count(states_.begin(), states_.end(), state));
}

std::string Progress::note() const {
  std::string out(kVersion);
  for (std::size_t i = 0; i < states_.size(); ++i) {
    if (states_[i] != State::kWaiting) out += ' ' + short_hash(to_[i].text) + static_cast<char>(states_[i]);
  }
  return out;
}

// The lead, then who was refused in this attempt and why.
std::string Progress::tell(std::string_view lead) const {
  std::string out(lead);
  std::size_t named = 0;
  for (const auto& [recipient, verdict] : verdicts_) {
    if (states_[recipient] != State::kRefused || ++named > kNamed) continue;
    out += (out.empty() ? "" : "; ") + to_[recipient].text + ": " + verdict.detail;
  }
  if (named > kNamed) out += "; and " + std::to_string(named - kNamed) + " more";
  return out;
}

tocsin::outcome Progress::outcome() const {
  const std::size_t delivered = count(State::kDelivered), refused = count(State::kRefused);
  const std::string of_all =
      std::to_string(delivered) + " of " + std::to_string(to_.size()) + " recipients have it";
  if (delivered + refused < to_.size()) {
    const Verdict* worst = &postponed_;
    for (const auto& [recipient, verdict] : verdicts_) {
      if (weight(verdict.status) > weight(worst->status)) worst = &verdict;
    }
    tocsin::outcome o{worst->status, worst->code, worst->detail, 0, {}, note()};
    if (to_.size() > 1) o.detail = tell(o.detail + "; " + of_all);
    return o;
  }
  if (delivered > 0) {
    auto o = tocsin::outcome::delivered();
    if (refused > 0) {
      o.code = "some_refused";
      o.detail = tell(of_all);
    }
    return o;
  }
  // Nobody: one word for all. A message that is refused as such says more than an unknown mailbox.
  tocsin::outcome o{TOCSIN_UNREACHABLE, "recipients_refused", {}, 0, {}, {}};
  for (const auto& [recipient, verdict] : verdicts_) {
    if (verdict.status == TOCSIN_REJECTED) o.status = TOCSIN_REJECTED;
    if (verdict.status == o.status) o.code = verdict.code;
  }
  o.detail = tell({});
  if (o.detail.empty()) o.detail = "every recipient was refused in an earlier attempt";
  return o;
}

}  // namespace smtp
