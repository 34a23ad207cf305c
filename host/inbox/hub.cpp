// See hub.hpp. Why no change is missed or repeated: from join() on, whatever is published is kept; whatever
// was published before it had been committed, so a store that is read after join() has it; and a live
// listener takes only what is newer than what it has seen.
#include "inbox/hub.hpp"

#include <algorithm>
#include <utility>

#include "inbox/frames.hpp"

namespace tocsin::inbox {

Hub::Hub(std::function<void(std::function<void()>)> later, HubOptions options)
    : later_(std::move(later)), options_(options) {}

std::optional<Hub::Id> Hub::join(TeamId team, std::string user) {
  std::size_t& of_user = of_user_[{team, user}];
  if (members_.size() >= options_.listeners || of_user >= options_.listeners_of_user) {
    if (of_user == 0) of_user_.erase({team, user});
    return std::nullopt;
  }
  ++of_user;
  const Id id = ++last_id_;
  teams_[team].members.push_back(id);
  members_.emplace(id, Member{team, std::move(user), 0, nullptr});
  return id;
}

bool Hub::go_live(Id id, InboxSeq after, bool complete, std::unique_ptr<Listener>& listener) {
  const auto found = members_.find(id);
  if (found == members_.end()) return false;
  Member& member = found->second;
  Team& team = teams_.at(member.team);
  if (complete) {
    if (after < team.forgotten) return false;  // so much happened meanwhile
    if (!team.base) team.base = after;
    team.newest = std::max(team.newest, after);
  } else if (!team.base || after < std::max(*team.base, team.forgotten) || after > team.newest) {
    return false;
  }
  member.listener = std::move(listener);
  member.seen = after;
  if (send_kept(team, member, 0)) return true;
  leave(id);
  return true;
}

void Hub::leave(Id id) {
  const auto found = members_.find(id);
  if (found == members_.end()) return;
  const Member member = std::move(found->second);  // its listener dies after the tables are right again
  members_.erase(found);
  const auto of_user = of_user_.find({member.team, member.user});
  if (--of_user->second == 0) of_user_.erase(of_user);
  const auto team = teams_.find(member.team);
  std::erase(team->second.members, id);
  if (team->second.members.empty()) teams_.erase(team);  // whoever comes next reads the store
}

void Hub::publish(std::span<const InboxChange> changes) {
  for (const InboxChange& change : changes) {
    const auto team = teams_.find(change.team);
    if (team == teams_.end()) continue;
    if (team->second.unsent == 0) dirty_.push_back(change.team);
    keep(team->second, change);
  }
  if (dirty_.empty() || flushing_) return;
  flushing_ = true;
  later_([this] { flush(); });
}

void Hub::keep(Team& team, const InboxChange& change) {
  team.kept.push_back({change.seq, change.user, std::make_shared<const std::string>(change_frame(change))});
  team.bytes += team.kept.back().frame->size();
  team.newest = std::max(team.newest, change.seq);
  ++team.unsent;
  const auto full = [&] {
    return team.kept.size() > options_.kept_frames || team.bytes > options_.kept_bytes;
  };
  // What was not sent yet is kept all the same: the flush is already on its way.
  while (full() && team.kept.size() > team.unsent) {
    team.forgotten = team.kept.front().seq;
    team.bytes -= team.kept.front().frame->size();
    team.kept.pop_front();
  }
}

void Hub::flush() {
  flushing_ = false;
  std::vector<Id> gone;
  for (const TeamId id : std::exchange(dirty_, {})) {
    if (const auto team = teams_.find(id); team != teams_.end()) flush(team->second, gone);
  }
  for (const Id id : gone) leave(id);
}

void Hub::flush(Team& team, std::vector<Id>& gone) {
  const std::size_t from = team.kept.size() - std::exchange(team.unsent, 0);
  if (from == team.kept.size()) return;
  bool for_all = true;
  std::vector<Frame> frames;
  for (std::size_t i = from; i < team.kept.size(); ++i) {
    for_all = for_all && team.kept[i].user.empty();
    frames.push_back(team.kept[i].frame);
  }
  const InboxSeq first = team.kept[from].seq, last = team.kept.back().seq;
  for (const Id id : team.members) {
    Member& member = members_.at(id);
    if (!member.listener) continue;
    // Nearly always everybody gets the same.
    if (for_all && member.seen < first) {
      member.seen = last;
      if (!member.listener->send(frames)) gone.push_back(id);
    } else if (!send_kept(team, member, from)) {
      gone.push_back(id);
    }
  }
}

bool Hub::send_kept(const Team& team, Member& member, std::size_t from) {
  scratch_.clear();
  for (std::size_t i = from; i < team.kept.size(); ++i) {
    const Kept& kept = team.kept[i];
    if (kept.seq <= member.seen) continue;
    member.seen = kept.seq;
    if (kept.user.empty() || kept.user == member.user) scratch_.push_back(kept.frame);
  }
  return scratch_.empty() || member.listener->send(scratch_);
}

void Hub::keep_if(const std::function<bool(Id)>& stays) {
  std::vector<Id> gone;
  for (const auto& [id, member] : members_) {
    if (!stays(id)) gone.push_back(id);
  }
  for (const Id id : gone) leave(id);
}

}  // namespace tocsin::inbox
