// A pool stands in at most one line, once; an entry left behind in the other line is known by its kind and
// skipped.
#include "net/exchange_queue.hpp"

#include <algorithm>

namespace tocsin::net {
namespace {

constexpr std::size_t kMostIdlePools = 8192;

}  // namespace

void ExchangeQueue::set_limits(std::size_t total, std::size_t per_pool) {
  total_ = std::max<std::size_t>(1, total);
  per_pool_ = std::max<std::size_t>(1, per_pool);
}

ExchangeQueue::Pool& ExchangeQueue::pool_of(std::uint64_t id) {
  auto& pool = pools_[id];
  if (!pool) {
    pool = std::make_unique<Pool>();
  }
  return *pool;
}

bool ExchangeQueue::has_room(const Pool& pool) const {
  if (in_flight_ >= total_ || pool.in_flight >= per_pool_) {
    return false;
  }
  return pool.in_flight == 0 || in_flight_ < total_ - total_ / 4;
}

std::optional<PendingExchange> ExchangeQueue::start_or_wait(PendingExchange pending) {
  if (pools_.size() >= kMostIdlePools && !pools_.contains(pending.pool())) {
    forget_idle_pools();
  }
  Pool& pool = pool_of(pending.pool());
  if (pool.waiting.empty() && has_room(pool)) {
    ++pool.in_flight;
    ++in_flight_;
    return pending;
  }
  const std::int64_t deadline = pending.deadline_us;
  const auto waiting = pool.waiting.insert(pool.waiting.end(), Waiting{std::move(pending), &pool, {}});
  waiting->deadline = deadlines_.emplace(deadline, waiting);
  line_up(pool);
  return std::nullopt;
}

void ExchangeQueue::line_up(Pool& pool) {
  Line line = pool.in_flight == 0 ? Line::kFresh : Line::kBusy;
  if (pool.waiting.empty() || pool.in_flight >= per_pool_) {
    line = Line::kNone;
  }
  if (line != pool.line) {
    pool.line = line;
    if (line != Line::kNone) {
      (line == Line::kFresh ? fresh_ : busy_).push_back(&pool);
    }
  }
}

ExchangeQueue::Pool* ExchangeQueue::take_from(std::deque<Pool*>& line, Line kind) {
  while (!line.empty()) {
    Pool* const pool = line.front();
    line.pop_front();
    if (pool->line == kind && !pool->waiting.empty()) {
      pool->line = Line::kNone;
      return pool;
    }
  }
  return nullptr;
}

std::optional<PendingExchange> ExchangeQueue::next() {
  if (in_flight_ >= total_) {
    return std::nullopt;
  }
  Pool* pool = take_from(fresh_, Line::kFresh);
  if (pool == nullptr && in_flight_ < total_ - total_ / 4) {
    pool = take_from(busy_, Line::kBusy);
  }
  if (pool == nullptr) {
    return std::nullopt;
  }
  ++pool->in_flight;
  ++in_flight_;
  PendingExchange pending = remove(pool->waiting.begin());
  line_up(*pool);
  return pending;
}

void ExchangeQueue::finish(std::uint64_t id) {
  Pool& pool = pool_of(id);
  --pool.in_flight;
  --in_flight_;
  line_up(pool);
}

PendingExchange ExchangeQueue::remove(std::list<Waiting>::iterator waiting) {
  deadlines_.erase(waiting->deadline);
  PendingExchange pending = std::move(waiting->pending);
  waiting->pool->waiting.erase(waiting);
  return pending;
}

std::optional<PendingExchange> ExchangeQueue::expire(std::int64_t now_us) {
  if (deadlines_.empty() || deadlines_.begin()->first > now_us) {
    return std::nullopt;
  }
  Pool& pool = *deadlines_.begin()->second->pool;
  PendingExchange pending = remove(deadlines_.begin()->second);
  line_up(pool);
  return pending;
}

std::int64_t ExchangeQueue::next_deadline_us() const {
  return deadlines_.empty() ? -1 : deadlines_.begin()->first;
}

std::vector<PendingExchange> ExchangeQueue::take_waiting() {
  std::vector<PendingExchange> all;
  while (!deadlines_.empty()) {
    Pool& pool = *deadlines_.begin()->second->pool;
    all.push_back(remove(deadlines_.begin()->second));
    line_up(pool);
  }
  return all;
}

void ExchangeQueue::forget_idle_pools() {
  // Nothing in a line may point to a pool that goes.
  fresh_.clear();
  busy_.clear();
  std::erase_if(pools_, [](const auto& entry) {
    return entry.second->in_flight == 0 && entry.second->waiting.empty();
  });
  for (auto& [id, pool] : pools_) {
    pool->line = Line::kNone;
    line_up(*pool);
  }
}

}  // namespace tocsin::net
