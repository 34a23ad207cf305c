// See inbox.hpp.
#include "inbox/inbox.hpp"

#include <utility>

namespace tocsin::inbox {

void Inbox::use(TeamIds teams) {
  const std::scoped_lock lock(mutex_);
  teams_ = std::move(teams);
}

void Inbox::put(const std::string& team, InboxItem item, store::InboxDone done) {
  {
    const std::scoped_lock lock(mutex_);
    const auto found = teams_.find(team);
    if (found != teams_.end()) item.team = found->second;
  }
  if (item.team == 0) {
    done(make_error(Errc::kNotFound, "the configuration has no team \"" + team + "\" now"));
    return;
  }
  writer_.write_inbox(std::move(item), std::move(done));
}

}  // namespace tocsin::inbox
