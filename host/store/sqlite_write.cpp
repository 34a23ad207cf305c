// The hot path: events, their deliveries and keys, and what attempts did, all in one transaction. Statements
// are prepared once and nothing that was just written is read back.
#include "store/sqlite_engine.hpp"
#include "store/sqlite_inbox.hpp"

namespace tocsin::store {
namespace {

std::span<const std::uint8_t> bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Result<Store::WriteResult> SqliteStore::write(std::span<const NewEvent> events,
                                              std::span<const Finish> finishes,
                                              std::span<const InboxWrite> inbox, std::int64_t now_ms) {
  auto result = on_handle([&] {
    WriteResult done;
    if (!events.empty() || !inbox.empty() || finishes.empty()) refuse_when_full();
    if (events.empty() && finishes.empty() && inbox.empty()) return done;
    done.accepted.reserve(events.size());
    done.applied.reserve(finishes.size());
    Transaction transaction(connection_);
    for (const auto& event : events) {
      if (auto first = take_keys(event, now_ms)) {
        done.accepted.push_back(std::move(*first));
        continue;
      }
      insert_event(event, now_ms);
      auto& accepted = done.accepted.emplace_back();
      accepted.seq = event.event->seq;
      accepted.id = event.event->id;
      accepted.channels.reserve(event.deliveries.size());
      for (const auto& delivery : event.deliveries) accepted.channels.push_back(delivery.channel);
    }
    for (const auto& finish : finishes) done.applied.push_back(apply(finish, now_ms));
    InboxTables tables(connection_);
    for (const auto& write : inbox) tables.write(write, now_ms, done);
    transaction.commit();
    return done;
  });
  if (!result && result.error().code == Errc::kStorageFull && !full_) {
    full_ = true;
    ballast_.release();
    const auto raised = on_handle([&] {  // the database's own limit has its ballast in pages
      set_page_limit(options_.max_pages + options_.ballast_bytes / page_bytes_);
    });
    if (!raised) return raised.error();
  }
  return result;
}

// ---- accept

void SqliteStore::insert_event(const NewEvent& event, std::int64_t now_ms) {
  const Event& fields = *event.event;
  const std::string payload = write_event_json(fields);
  const std::string keys = join_keys(event.keys);
  Query insert(
      connection_,
      "INSERT INTO event(seq, team, generation, received_ms, deliveries, severity, type, payload, id,"
      " keys, body_hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.add(fields.seq)
      .add(event.team)
      .add(event.generation)
      .add(fields.received_ms)
      .add(static_cast<std::int64_t>(event.deliveries.size()))
      .add(static_cast<std::int64_t>(fields.severity))
      .add(fields.type)
      .add(payload);
  fields.id == format_event_id(fields.seq) ? insert.add_null() : insert.add(fields.id);
  keys.empty() ? insert.add_null().add_null() : insert.add(keys).add_blob(event.body_hash);
  insert.run();
  insert_deliveries(event, now_ms);
}

void SqliteStore::insert_deliveries(const NewEvent& event, std::int64_t now_ms) {
  DeliveryId id = event.event->seq;
  for (const auto& delivery : event.deliveries) {
    if (!delivery.cancelled.empty()) {
      Query(connection_,
            "INSERT INTO delivery(id, channel, state, tries, at_ms, epoch, reason) VALUES(?, ?, 13, 0, ?, 0, "
            "?)")
          .add(++id)
          .add(delivery.channel)
          .add(now_ms)
          .add(delivery.cancelled)
          .run();
      continue;
    }
    Query(connection_,
          "INSERT INTO delivery(id, channel, state, tries, at_ms, epoch, message)"
          " VALUES(?, ?, 0, 0, ?, ?, iif(?, 0, NULL))")
        .add(++id)
        .add(delivery.channel)
        .add(delivery.due_ms != 0 ? delivery.due_ms : now_ms)
        .add(delivery.hot ? epoch_ : 0)
        .add(delivery.due_ms != 0 ? 1 : 0)
        .run();
  }
}

// ---- finish

bool SqliteStore::apply(const Finish& finish, std::int64_t now_ms) {
  const bool applied = apply_to({finish.delivery, finish.tries}, finish, finish.attempt, now_ms);
  if (finish.others.empty()) return applied;
  Attempt brief = finish.attempt;  // a thousand copies of one answer would say nothing more
  brief.response.clear();
  brief.carry.clear();
  for (const auto& other : finish.others) static_cast<void>(apply_to(other, finish, brief, now_ms));
  return applied;
}

bool SqliteStore::apply_to(const Finish::Other& which, const Finish& finish, const Attempt& attempt,
                           std::int64_t now_ms) {
  Query(connection_,
        "UPDATE delivery SET state = ?, tries = ?, at_ms = ?, epoch = 0"
        " WHERE id = ? AND state < 10 AND epoch = ? AND tries = ?")
      .add(static_cast<std::int64_t>(finish.state))
      .add(std::int64_t{which.tries} + (finish.counted ? 1 : 0))
      .add(is_final(finish.state) ? now_ms : finish.due_ms)
      .add(which.delivery)
      .add(epoch_)
      .add(which.tries)
      .run();
  const bool applied = connection_.changed_rows() == 1;
  if (!applied) {
    Query exists(connection_, "SELECT 1 FROM delivery WHERE id = ?");
    if (!exists.add(which.delivery).step()) return false;
  }
  // There are as many attempts as tries, but for those that were interrupted.
  if (!insert_attempt(which.delivery, std::int64_t{which.tries} + 1, attempt)) {
    Query last(connection_, "SELECT max(number) FROM attempt WHERE delivery = ?");
    TOCSIN_EXPECT(last.add(which.delivery).step());
    TOCSIN_EXPECT(insert_attempt(which.delivery, last.number(0) + 1, attempt));
  }
  return applied;
}

// False: there is one of that number already.
bool SqliteStore::insert_attempt(DeliveryId delivery, std::int64_t number, const Attempt& attempt) {
  Query insert(
      connection_,
      "INSERT OR IGNORE INTO attempt(delivery, number, started_ms, duration_us, status, retry_after_ms,"
      " http_status, code, detail, provider_id, remote_address, response, message, events, carry)"
      " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.add(delivery)
      .add(number)
      .add(attempt.started_ms)
      .add(attempt.duration_us)
      .add(static_cast<std::int64_t>(attempt.outcome.status))
      .add(attempt.outcome.retry_after_ms)
      .add(static_cast<std::int64_t>(attempt.http_status));
  for (const auto* text : {&attempt.outcome.code, &attempt.outcome.detail, &attempt.outcome.provider_id,
                           &attempt.remote_address, &attempt.response}) {
    text->empty() ? insert.add_null() : insert.add(*text);
  }
  attempt.message == 0 ? insert.add_null().add_null() : insert.add(attempt.message).add(attempt.events);
  attempt.carry.empty() ? insert.add_null() : insert.add_blob(bytes_of(attempt.carry));
  insert.run();
  return connection_.changed_rows() == 1;
}

}  // namespace tocsin::store
