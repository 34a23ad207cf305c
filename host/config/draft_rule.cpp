// See draft_rule.hpp.
#include "config/draft_rule.hpp"

#include <algorithm>
#include <span>

#include "config/team_objects.hpp"

namespace tocsin::config {

using routing::RuleSet;
using routing::TeamDefinition;

Result<TeamDefinition> draft_rule(const TeamDefinition& team, const std::string& name,
                                  const std::string& body,
                                  const std::shared_ptr<const Catalogue>& catalogue) {
  TeamDefinition others = team;
  const auto old = std::ranges::find(others.rules, name, &routing::RuleDefinition::name);
  const auto place = old - others.rules.begin();
  if (old != others.rules.end()) others.rules.erase(old);
  auto rules = RuleSet::compile(std::move(others), catalogue);
  if (!rules) return rules.error();
  Config base;
  base.catalogue = catalogue;
  base.teams.emplace_back().rules = std::make_shared<const RuleSet>(std::move(*rules));
  const TeamObjects draft{team.name, {}, {{name, body, {}, {}}}, {}};
  auto merged = add_team_objects(base, std::span(&draft, 1));
  if (!merged) {
    Error error = merged.error();
    const std::string own = team.name + "/rules/" + name;
    for (FieldError& field : error.fields) {
      if (field.pointer.starts_with(own)) field.pointer.erase(0, own.size());
    }
    return error;
  }
  TeamDefinition with = merged->teams.front().definition();
  std::rotate(with.rules.begin() + place, with.rules.end() - 1, with.rules.end());
  return with;
}

}  // namespace tocsin::config
