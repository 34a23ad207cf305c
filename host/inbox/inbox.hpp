// The notification centre's way in: items for a team by its name, as channels put them. What people read and
// mark goes from the API to the store; what is streamed comes from the store's changes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "store/writer.hpp"

namespace tocsin::inbox {

using TeamIds = std::map<std::string, TeamId, std::less<>>;

class Inbox {
 public:
  explicit Inbox(store::Writer& writer) : writer_(writer) {}

  // [any] The teams of the configuration that is taking effect.
  void use(TeamIds teams);
  // [any] `done` runs on the store thread, or at once where the item is refused: kNotFound, the configuration
  // has no such team any more; kUnavailable, kStorageFull as Writer::write_inbox().
  void put(const std::string& team, InboxItem item, store::InboxDone done);

 private:
  store::Writer& writer_;
  std::mutex mutex_;
  TeamIds teams_;
};

}  // namespace tocsin::inbox
