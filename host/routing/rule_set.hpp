// A team's definition, compiled: which channels an event goes to, in microseconds with 100,000 rules, and
// why. Pure: same event, same plan; no I/O, no clock, no log. Immutable, so any thread may ask.
//
// The whole rule (docs/routing.md): 1. channels whose own subscription matches; 2. channels of every matching
// rule, in order, until one that matches says stop; 3. per channel type with a default channel: if 1 and 2
// chose no channel of that type and the event is in the default alert set, the default channel. Each channel
// once. What a silence covers is planned all the same, and recorded as silenced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/catalogue.hpp"
#include "routing/definition.hpp"

namespace tocsin::routing {

// Why a channel was chosen or not, in the order looked at.
struct Finding {
  enum class Kind : std::uint8_t { kSubscription, kRule, kDefault, kTest, kSilence };
  Kind kind = Kind::kSubscription;
  std::string name;  // the channel's (subscription, default, test), the rule's or the silence's
  bool matched = false;
  std::string reason;                 // "severity low is not one of critical, high"
  std::vector<std::string> channels;  // what it chose or silenced, where it matched
};

struct Explanation {
  std::vector<Finding> findings;
  std::vector<std::string> channels;  // the plan, by name: without what is silenced
};

class RuleSet {
 public:
  // kInvalid with `fields` ("rules[2].events[0]"): a pattern is malformed or can never match a known type, a
  // rule names no channel or one that does not exist, two defaults of one type, two objects of one name.
  static Result<RuleSet> compile(TeamDefinition team, std::shared_ptr<const Catalogue> catalogue);

  RuleSet(RuleSet&&) noexcept;
  RuleSet& operator=(RuleSet&&) noexcept;
  ~RuleSet();

  // [any] Sets `channels` to positions in definition().channels, ascending, each once. Allocates nothing
  // where `channels` has room.
  void plan(const Event& event, std::vector<std::uint32_t>& channels) const;
  // [any] The silence in force that covers this channel of the plan; null: none. Costs nothing where the team
  // has no silence.
  [[nodiscard]] const SilenceDefinition* find_silence(const Event& event, std::uint32_t position) const;
  // [any] The same decision with its reasons; slow (looks at every rule).
  [[nodiscard]] Explanation explain(const Event& event) const;

  [[nodiscard]] const TeamDefinition& definition() const;

 private:
  struct Index;
  explicit RuleSet(std::unique_ptr<Index> index);
  std::unique_ptr<Index> index_;
};

}  // namespace tocsin::routing
