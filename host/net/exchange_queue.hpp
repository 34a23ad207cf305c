// Who may start next: a bound of exchanges for each pool (one channel instance) and one for all. Each pool
// waits in its own line, so a hung endpoint delays nobody else; the last quarter of the total is kept for
// pools with nothing in flight, so many hung ones do not either. Pure: it is told the time and owns no
// socket. [egress]
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "net/exchange.hpp"

namespace tocsin::net {

struct PendingMail {
  MailRequest request;
  MailDone done;
};
struct PendingExchange {
  ExchangeRequest request;
  ExchangeDone done;
  std::unique_ptr<PendingMail> mail;  // set: this, and no HTTP
  std::int64_t submitted_us = 0;
  std::int64_t deadline_us = 0;
  [[nodiscard]] std::uint64_t pool() const { return mail ? mail->request.pool : request.pool; }
};

class ExchangeQueue {
 public:
  void set_limits(std::size_t total, std::size_t per_pool);
  // Starts `pending` at once where it may (the caller then runs it), else puts it in line.
  [[nodiscard]] std::optional<PendingExchange> start_or_wait(PendingExchange pending);
  // The next that may start now, counted as in flight.
  [[nodiscard]] std::optional<PendingExchange> next();
  // One in flight of this pool ended.
  void finish(std::uint64_t pool);
  // Removes one that waited beyond its deadline.
  [[nodiscard]] std::optional<PendingExchange> expire(std::int64_t now_us);
  // The earliest deadline of any that waits; -1 where none does.
  [[nodiscard]] std::int64_t next_deadline_us() const;
  // Removes and returns everything that waits.
  [[nodiscard]] std::vector<PendingExchange> take_waiting();
  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }

 private:
  struct Pool;
  struct Waiting;
  using Deadlines = std::multimap<std::int64_t, std::list<Waiting>::iterator>;
  struct Waiting {
    PendingExchange pending;
    Pool* pool = nullptr;
    Deadlines::iterator deadline;
  };
  enum class Line : std::uint8_t { kNone, kFresh, kBusy };
  struct Pool {
    std::list<Waiting> waiting;
    std::size_t in_flight = 0;
    Line line = Line::kNone;
  };

  [[nodiscard]] Pool& pool_of(std::uint64_t id);
  [[nodiscard]] bool has_room(const Pool& pool) const;
  [[nodiscard]] PendingExchange remove(std::list<Waiting>::iterator waiting);
  void line_up(Pool& pool);
  [[nodiscard]] Pool* take_from(std::deque<Pool*>& line, Line kind);
  void forget_idle_pools();

  std::size_t total_ = 512;
  std::size_t per_pool_ = 8;
  std::size_t in_flight_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Pool>> pools_;
  std::deque<Pool*> fresh_;  // pools that wait with nothing in flight
  std::deque<Pool*> busy_;   // pools that wait below their bound
  Deadlines deadlines_;
};

}  // namespace tocsin::net
