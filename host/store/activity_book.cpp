// See activity_book.hpp.
#include "store/activity_book.hpp"

#include <algorithm>

namespace tocsin::store {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kThirdMs = 20 * kMinuteMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

}  // namespace

// ---- counting

void ActivityBook::note(std::span<const NewEvent> events, std::span<const Accepted> accepted,
                        std::span<const Finish> finishes, const std::vector<bool>& applied,
                        std::int64_t now_ms) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (accepted[i].kind == Accepted::Kind::kStored)
      count_event(events[i].team, events[i].event->received_ms);
  }
  for (std::size_t i = 0; i < finishes.size(); ++i) {
    const Finish& finish = finishes[i];
    if (!applied[i] || !is_final(finish.state)) continue;
    count_end(finish.channel, finish.state, now_ms, received_of(finish.delivery));
    for (const auto& other : finish.others) {
      count_end(finish.channel, finish.state, now_ms, received_of(other.delivery));
    }
  }
  forget_idle(now_ms);
}

void ActivityBook::took_in(TeamId team, std::int64_t received_ms) {
  const std::scoped_lock lock(mutex_);
  count_event(team, received_ms);
}

void ActivityBook::ended(ChannelId channel, DeliveryState state, std::int64_t ended_ms,
                         std::int64_t received_ms) {
  const std::scoped_lock lock(mutex_);
  count_end(channel, state, ended_ms, received_ms);
}

void ActivityBook::covers_since(std::int64_t at_ms) {
  const std::scoped_lock lock(mutex_);
  covered_since_ms_ = std::min(covered_since_ms_, at_ms);
}

// The minute's place, emptied where it held an older one. What is older than that is none of the last hour:
// nullptr.
ActivityBook::Minute* ActivityBook::minute_at(Minutes& minutes, std::int64_t at_ms) {
  const std::int64_t number = at_ms / kMinuteMs;
  Minute& minute = minutes[static_cast<std::size_t>(number) % kMinutes];
  if (minute.number > number) return nullptr;
  if (minute.number < number) minute = {number, 0, 0};
  return &minute;
}

void ActivityBook::count_event(TeamId team, std::int64_t received_ms) {
  if (Minute* minute = minute_at(teams_[team], received_ms)) ++minute->good;
}

void ActivityBook::count_end(ChannelId channel, DeliveryState state, std::int64_t ended_ms,
                             std::int64_t received_ms) {
  const bool good = state == DeliveryState::kDelivered || state == DeliveryState::kAccepted;
  if (!good && state != DeliveryState::kFailed) return;
  Channel& row = channels_[channel];
  Minute* minute = minute_at(row.minutes, ended_ms);
  if (minute == nullptr) return;
  ++(good ? minute->good : minute->bad);
  if (!good) return;
  const std::int64_t number = ended_ms / kThirdMs;
  Third& third = row.thirds[static_cast<std::size_t>(number) % row.thirds.size()];
  if (third.number < number) third = {number, {}};
  if (third.number == number) third.took.add(ended_ms - received_ms);
}

// Once an hour: teams and channels that are gone, or still.
void ActivityBook::forget_idle(std::int64_t now_ms) {
  if (now_ms - swept_ms_ < kHourMs) return;
  swept_ms_ = now_ms;
  const auto is_idle = [&](const Minutes& minutes) {
    return std::ranges::all_of(
        minutes, [&](const Minute& minute) { return (minute.number + 1) * kMinuteMs < now_ms - kHourMs; });
  };
  std::erase_if(teams_, [&](const auto& each) { return is_idle(each.second); });
  std::erase_if(channels_, [&](const auto& each) { return is_idle(each.second.minutes); });
}

// ---- asking

Activity ActivityBook::summarize(const ActivityFilter& filter) const {
  TOCSIN_EXPECT(filter.minutes <= kMinutes);
  Activity activity;
  for (auto* counts : {&activity.events, &activity.delivered, &activity.failed}) {
    counts->resize(filter.minutes);
  }
  const std::int64_t first = filter.from_ms / kMinuteMs;
  // Calls `take` with each minute that is asked for and what it counts.
  const auto visit = [&](const Minutes& minutes, auto&& take) {
    for (const Minute& minute : minutes) {
      const std::int64_t at = minute.number - first;
      if (at >= 0 && at < static_cast<std::int64_t>(filter.minutes))
        take(static_cast<std::size_t>(at), minute);
    }
  };
  const std::scoped_lock lock(mutex_);
  activity.complete = covered_since_ms_ <= filter.from_ms;
  if (const auto team = teams_.find(filter.team); team != teams_.end()) {
    visit(team->second, [&](std::size_t at, const Minute& minute) { activity.events[at] += minute.good; });
  }
  for (const ChannelId id : filter.channels) {
    ChannelActivity& out = activity.channels.emplace_back(ChannelActivity{id, 0, 0, 0});
    const auto channel = channels_.find(id);
    if (channel == channels_.end()) continue;
    visit(channel->second.minutes, [&](std::size_t at, const Minute& minute) {
      activity.delivered[at] += minute.good;
      activity.failed[at] += minute.bad;
      out.delivered += minute.good;
      out.failed += minute.bad;
    });
    for (const Third& third : channel->second.thirds) {
      if ((third.number + 1) * kThirdMs > filter.from_ms) activity.took.add(third.took);
    }
  }
  return activity;
}

}  // namespace tocsin::store
