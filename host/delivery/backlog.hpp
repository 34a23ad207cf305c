// What one channel has on disk, as far as the engine knows, and when to claim of it. It keeps hints, not
// rows: a count, the due times of retries it scheduled itself (a bounded number of them), and whether rows
// are due now. What it forgot or never knew (retries of an earlier run) is found by asking the store again
// now and then. Pure on the times it is given.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "delivery/instant.hpp"

namespace tocsin::delivery {

class Backlog {
 public:
  static constexpr std::size_t kMaxDues = 1024;           // remembered due times: 8 KiB a channel at most
  static constexpr std::int64_t kPollMs = 15'000;         // looking for what is not remembered,
  static constexpr std::int64_t kLongestPollMs = 60'000;  // less often while nothing is found
  static constexpr std::int64_t kRetryMs = 1000;          // after a claim the store refused
  static constexpr std::int64_t kPatienceMs = 5000;       // due rows wait this long behind hot ones
  static constexpr std::int64_t kBusyMs = 250;            // claims this close together grow
  // Looking for a window's deliveries so long after its end: what was accepted in the last moment of it may
  // still be on its way to the disk, and should not miss its digest.
  static constexpr std::int64_t kGatherMs = 250;
  // After the backlog was empty: rows accepted cold before that was known still come in, and must not hold
  // the new ones back again, or a busy channel would never leave the disk.
  static constexpr std::int64_t kStragglersMs = 250;

  // What the store said of the channel at its start or at a reload.
  void found(std::int64_t unfinished, std::int64_t next_due_ms);
  // Rows due now that were accepted cold; 0: some that are counted already have become due. Told in the order
  // of the store's thread: before the answer of a claim that could see them.
  void added(Instant now, std::int64_t rows);
  // Rows given back, which the store learns of later than this does.
  void released(std::int64_t rows);
  // Rows recorded in the store that are due then: a retry, or what waits for the end of a window.
  void scheduled(std::int64_t due_ms, std::int64_t rows);

  // Moves what has come due. Call before asking anything below.
  void look(Instant now);
  // Whether a claim should be asked for, with `waiting` in the queue of a channel with this `window`.
  [[nodiscard]] bool wants_claim(Instant now, std::size_t waiting, std::uint32_t window) const;
  // How many to ask for. A channel that empties its claims quickly gets larger ones, up to `most`.
  [[nodiscard]] std::size_t begin_claim(Instant now, std::size_t waiting, std::uint32_t window,
                                        std::size_t most);
  void claimed(Instant now, std::size_t asked, std::size_t got);
  void claim_failed(Instant now);
  // The claim was never sent.
  void claim_dropped() { claiming_ = false; }

  // New deliveries may pass the ones on disk: none was accepted cold, and no due retry waits too long.
  [[nodiscard]] bool may_be_passed(Instant now) const;
  // Steady time of the next look, while no claim is under way.
  [[nodiscard]] std::optional<std::int64_t> next_look(Instant now) const;
  [[nodiscard]] std::int64_t count() const { return count_; }

 private:
  [[nodiscard]] bool knows_all() const { return count_ <= static_cast<std::int64_t>(dues_.size()); }
  void set_due(std::int64_t steady_ms);

  std::int64_t count_ = 0;
  bool due_ = false;   // rows may be claimable now
  bool cold_ = false;  // among them such that hot ones must not pass
  bool claiming_ = false;
  bool missed_ = false;              // the claim under way cannot have seen all that is due
  std::int64_t due_since_ms_ = 0;    // steady
  std::int64_t not_before_ms_ = 0;   // steady, for the next claim
  std::int64_t last_claim_ms_ = -1;  // steady
  std::int64_t empty_ms_ = 0;        // steady, when a claim showed that nothing more is due
  std::int64_t poll_ms_ = kPollMs;
  std::optional<std::int64_t> poll_at_ms_;  // steady
  std::size_t claim_size_ = 0;
  std::int64_t last_due_ms_ = -1;  // told last and still to come: a window's rows all have one
  std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> dues_;  // unix
};

}  // namespace tocsin::delivery
