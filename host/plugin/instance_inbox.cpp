// Inbox items of a plugin: from its put to its callback, which comes once, however the attempt ends. An
// attempt that is over takes its callback back at once; what the store still answers then is dropped.
#include "plugin/guard.hpp"
#include "plugin/inbox_item.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

constexpr std::size_t kMostPuts = 256;

tocsin_status status_of(const Error& error) {
  return error.code == Errc::kInvalid ? TOCSIN_E_INVALID : TOCSIN_E_BUSY;
}

}  // namespace

tocsin_status Instance::put_item(Handle handle, const tocsin_inbox_item* given, tocsin_inbox_fn callback,
                                 void* user) {
  if (callback == nullptr || given == nullptr) return TOCSIN_E_INVALID;
  if (!services_.put_item) return TOCSIN_E_UNSUPPORTED;
  InboxItem item;
  if (const tocsin_status status = read_inbox_item(given, item); status != TOCSIN_OK) return status;
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    if (closing_) return TOCSIN_E_CLOSING;
    const LiveDelivery* live = live_.find(handle);
    if (live == nullptr || live->state != LiveDelivery::State::kRunning) return TOCSIN_E_STALE;
    if (live->job.verified) return TOCSIN_E_INVALID;  // a verification leaves nothing that a person reads
    if (puts_.size() >= kMostPuts) return TOCSIN_E_BUSY;
    id = ++last_put_;
    puts_[id] = {handle, callback, user, false, TOCSIN_OK, {}};
  }
  services_.put_item(team_, std::move(item), [self = shared_from_this(), id](Result<StoredItem> stored) {
    self->stored(id, std::move(stored));
  });
  return TOCSIN_OK;
}

// [any] Not yet the callback's moment: that is the strand's.
void Instance::stored(std::uint64_t id, Result<StoredItem> stored) {
  const std::lock_guard lock(mutex_);
  const auto found = puts_.find(id);
  if (found == puts_.end() || found->second.answered) return;
  Put& put = found->second;
  put.answered = true;
  if (stored) {
    put.item = *stored;
  } else {
    put.status = status_of(stored.error());
    LiveDelivery* live = live_.find(put.delivery);
    if (live != nullptr && live->state == LiveDelivery::State::kRunning) {
      live->facts.reason = stored.error().detail;
    }
  }
  strand_->post({Task::Kind::kStored, id, nullptr}, Wake::kNow);
}

// Of one delivery, or with 0 of all.
void Instance::cancel_puts_locked(Handle handle, std::vector<Task>& tasks) {
  for (auto& [id, put] : puts_) {
    if (put.answered || (handle != 0 && put.delivery != handle)) continue;
    put.answered = true;
    put.status = TOCSIN_E_STALE;
    tasks.push_back({Task::Kind::kStored, id, nullptr});
  }
}

void Instance::answer_put(std::uint64_t id) {
  Put put;
  {
    const std::lock_guard lock(mutex_);
    const auto found = puts_.find(id);
    if (found == puts_.end()) return;
    put = found->second;
    puts_.erase(found);
  }
  const std::string item = put.item.seq == 0 ? "" : format_item_id(put.item.seq);
  tocsin_inbox_result result{};
  result.size = sizeof result;
  result.status = put.status;
  result.duplicate = put.item.duplicate ? 1 : 0;
  result.item = c_view(item);
  const auto thrown = guard([&] { put.callback(plugin_, to_delivery(put.delivery), &result, put.user); });
  if (thrown) end_as_fault(put.delivery, "plugin.threw", "threw from its inbox callback: " + *thrown);
}

}  // namespace tocsin::plugin
