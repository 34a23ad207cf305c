// How everything reaches the core: one box in order, one wake-up a batch. It outlives the engine in the
// callbacks that the writer still holds, so a late answer is dropped instead of landing in freed memory.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "model/event.hpp"
#include "ops/mailbox.hpp"
#include "plugin/channel_instance.hpp"
#include "store/store.hpp"

namespace tocsin::delivery {

// What a batch of accepted events means to the engine.
struct Offered {
  struct Hot {
    ChannelId channel = 0;
    DeliveryId delivery = 0;
    EventPtr event;
  };
  struct Cold {
    ChannelId channel = 0;
    std::int64_t rows = 0;
    std::int64_t due_ms = 0;  // 0: at once
  };
  std::vector<Hot> hot;
  std::vector<Cold> cold;
};

struct ClaimAnswer {
  ChannelId channel = 0;
  std::size_t asked = 0;
  Result<std::vector<store::Claimed>> claimed;
};

// A retry is on disk, of a delivery or of all those of a digest.
struct RetryRecorded {
  ChannelId channel = 0;
  std::int64_t due_ms = 0;
  std::int64_t rows = 0;
};

// Rare work that must run on the core's thread: reload, pause, status, drain.
using Order = std::function<void()>;

using Mail = std::variant<plugin::JobResult, Offered, ClaimAnswer, RetryRecorded, Order>;

class Inbox {
 public:
  // [any]
  void send(Mail mail) {
    if (mail_.push(std::move(mail))) wake();
  }
  void wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
    }
    condition_.notify_one();
  }

  // [core] Sleeps until there is mail, a wake-up or the time has passed (nullopt: no limit), then takes all
  // there is.
  void wait(std::vector<Mail>& batch, std::optional<std::int64_t> timeout_ms) {
    {
      std::unique_lock lock(mutex_);
      const auto woken = [this] { return woken_; };
      if (timeout_ms) {
        condition_.wait_for(lock, std::chrono::milliseconds(*timeout_ms), woken);
      } else {
        condition_.wait(lock, woken);
      }
      woken_ = false;
    }
    mail_.take_all(batch);
  }
  void take(std::vector<Mail>& batch) { mail_.take_all(batch); }

 private:
  ops::Mailbox<Mail> mail_;
  std::mutex mutex_;
  std::condition_variable condition_;
  bool woken_ = false;
};

}  // namespace tocsin::delivery
