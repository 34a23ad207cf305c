// Which recipients are through with a message: kept as the note from one attempt to the next, so that a retry
// goes only to those who still wait, even after a restart. And how an attempt ends, when each recipient has
// its own end. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tocsin/plugin.hpp>
#include <vector>

#include "address.hpp"
#include "reply.hpp"

namespace smtp {

class Progress {
 public:
  // `carry`: what note() wrote, or anything else, which counts as nothing. Recipients that the settings no
  // longer have are forgotten.
  Progress(const std::vector<Address>& to, std::string_view carry);

  [[nodiscard]] std::vector<std::size_t> waiting() const;  // positions in `to`
  void ended(std::size_t recipient, Verdict verdict);
  // The rest was not tried: they wait for the next attempt, for this reason.
  void postpone(Verdict why) { postponed_ = std::move(why); }

  [[nodiscard]] tocsin::outcome outcome() const;

 private:
  enum class State : char { kWaiting = 'w', kDelivered = 'd', kRefused = 'f' };
  [[nodiscard]] std::string note() const;
  [[nodiscard]] std::size_t count(State state) const;
  [[nodiscard]] std::string tell(std::string_view lead) const;

  const std::vector<Address>& to_;
  std::vector<State> states_;
  std::map<std::size_t, Verdict> verdicts_;  // of this attempt, where it was not delivered
  Verdict postponed_;
};

}  // namespace smtp
