// The last hour in numbers, counted while it is written: how many events a team got each minute, how many
// deliveries of a channel ended well or badly, and how long they took. So an overview costs the same whether
// a hundred happened or a million. What was before the start is counted over once, from the rows.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/delivery.hpp"
#include "model/ids.hpp"
#include "store/activity_records.hpp"
#include "store/records.hpp"

namespace tocsin::store {

class ActivityBook {
 public:
  static constexpr std::size_t kMinutes = 60;

  // [store] What a commit wrote. `accepted` belongs to the events: what was there already is not counted;
  // `applied` to the finishes: false is another owner's.
  void note(std::span<const NewEvent> events, std::span<const Accepted> accepted,
            std::span<const Finish> finishes, const std::vector<bool>& applied, std::int64_t now_ms);
  // [any] For what was before: an event, and a delivery that ended.
  void took_in(TeamId team, std::int64_t received_ms);
  void ended(ChannelId channel, DeliveryState state, std::int64_t ended_ms, std::int64_t received_ms);
  // [any] From then on nothing is missing.
  void covers_since(std::int64_t at_ms);

  [[nodiscard]] Activity summarize(const ActivityFilter& filter) const;  // [any]

 private:
  // A ring of minutes; one is empty for whoever asks for another minute than it holds.
  struct Minute {
    std::int64_t number = -1;
    std::uint32_t good = 0;  // events, or deliveries that arrived
    std::uint32_t bad = 0;
  };
  using Minutes = std::array<Minute, kMinutes>;
  // A ring, too, but coarser: four thirds of the hour are looked at, so that it is never less than the hour.
  struct Third {
    std::int64_t number = -1;
    Durations took;
  };
  struct Channel {
    Minutes minutes;
    std::array<Third, 4> thirds;
  };

  [[nodiscard]] static Minute* minute_at(Minutes& minutes, std::int64_t at_ms);
  void count_event(TeamId team, std::int64_t received_ms);
  void count_end(ChannelId channel, DeliveryState state, std::int64_t ended_ms, std::int64_t received_ms);
  void forget_idle(std::int64_t now_ms);

  mutable std::mutex mutex_;
  std::unordered_map<TeamId, Minutes> teams_;
  std::unordered_map<ChannelId, Channel> channels_;
  std::int64_t covered_since_ms_ = INT64_MAX;
  std::int64_t swept_ms_ = 0;
};

}  // namespace tocsin::store
