// Who is listening to which team's notification centre, and what they get. A change is encoded once and its
// frame shared by everybody; changes that come close together leave in one write. A stream that resumes is
// given what it missed from memory where that reaches back far enough, else by its owner from the store, and
// then joins the live ones without a gap and without a repetition. All of it on [api]; it knows no socket and
// no store.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "model/inbox.hpp"

namespace tocsin::inbox {

using Frame = std::shared_ptr<const std::string>;

class Listener {
 public:
  virtual ~Listener() = default;
  // False: it is gone, and will be dropped.
  [[nodiscard]] virtual bool send(std::span<const Frame> frames) = 0;
};

struct HubOptions {
  std::size_t kept_frames = 1024;      // of a team, while anybody listens to it
  std::size_t kept_bytes = 4U << 20;   // of them
  std::size_t listeners = 10'000;      // all together
  std::size_t listeners_of_user = 20;  // of one team
};

class Hub {
 public:
  using Id = std::uint64_t;
  // `later` runs what it is given soon, on [api], after what is running now.
  Hub(std::function<void(std::function<void()>)> later, HubOptions options);

  // Begins to keep what the team's changes are from now on. nullopt: too many listen already.
  [[nodiscard]] std::optional<Id> join(TeamId team, std::string user);
  // Makes the listener live: it is sent what came after `after`, and from then on everything. False: memory
  // does not reach back to `after`, or not forward; it stays joined. `complete`: the owner has read
  // everything up to `after` from the store since join(), so that nothing before it can be missing.
  [[nodiscard]] bool go_live(Id id, InboxSeq after, bool complete, std::unique_ptr<Listener>& listener);
  void leave(Id id);

  // In the order of each team's sequence, as the store committed them.
  void publish(std::span<const InboxChange> changes);

  // Drops every listener for whom `stays` says no.
  void keep_if(const std::function<bool(Id)>& stays);
  [[nodiscard]] std::size_t size() const { return members_.size(); }

 private:
  struct Kept {
    InboxSeq seq = 0;
    std::string user;  // who may see it; empty: everyone
    Frame frame;
  };
  struct Member {
    TeamId team = 0;
    std::string user;
    InboxSeq seen = 0;
    std::unique_ptr<Listener> listener;  // null: joined, not live yet
  };
  struct Team {
    std::deque<Kept> kept;
    std::size_t bytes = 0;
    InboxSeq forgotten = 0;        // the newest that is not kept any more
    std::optional<InboxSeq> base;  // everything after it is kept or was forgotten
    InboxSeq newest = 0;
    std::vector<Id> members;
    std::size_t unsent = 0;  // of the kept ones, the last so many wait for flush()
  };

  void keep(Team& team, const InboxChange& change);
  void flush();
  void flush(Team& team, std::vector<Id>& gone);
  [[nodiscard]] bool send_kept(const Team& team, Member& member, std::size_t from);

  const std::function<void(std::function<void()>)> later_;
  const HubOptions options_;
  std::unordered_map<TeamId, Team> teams_;
  std::unordered_map<Id, Member> members_;
  std::map<std::pair<TeamId, std::string>, std::size_t> of_user_;
  std::vector<TeamId> dirty_;
  std::vector<Frame> scratch_;
  Id last_id_ = 0;
  bool flushing_ = false;  // a flush is on its way
};

}  // namespace tocsin::inbox
