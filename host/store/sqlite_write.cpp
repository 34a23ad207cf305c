// The hot path: events, their deliveries and keys, and what attempts did, all in one transaction. Statements
// are prepared once and nothing that was just written is read back.
#include <algorithm>
#include <charconv>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {

std::string join_keys(const std::vector<std::string>& keys) {
  std::string joined;
  for (const auto& key : keys) {
    joined += std::to_string(key.size());
    joined += ':';
    joined += key;
  }
  return joined;
}

std::vector<std::string> split_keys(const std::string& joined) {
  std::vector<std::string> keys;
  std::size_t at = 0;
  while (at < joined.size()) {
    std::size_t size = 0;
    const auto colon = std::min(joined.find(':', at), joined.size() - 1);
    std::from_chars(joined.data() + at, joined.data() + colon, size);
    keys.push_back(joined.substr(colon + 1, size));
    at = colon + 1 + keys.back().size();
  }
  return keys;
}

Result<Store::WriteResult> SqliteStore::write(std::span<const NewEvent> events,
                                              std::span<const Finish> finishes, std::int64_t now_ms) {
  auto result = on_handle([&] {
    WriteResult done;
    if (!events.empty() || finishes.empty()) refuse_when_full();
    if (events.empty() && finishes.empty()) return done;
    done.accepted.reserve(events.size());
    done.applied.reserve(finishes.size());
    Transaction transaction(connection_);
    for (const auto& event : events) {
      if (auto first = find_first(event, now_ms)) {
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

// The answer where one of the event's keys is taken; a conflict outweighs a duplicate.
std::optional<Accepted> SqliteStore::find_first(const NewEvent& event, std::int64_t now_ms) {
  std::optional<Accepted> first;
  for (const auto& key : event.keys) {
    Query known(connection_, "SELECT seq, created_ms, body_hash FROM event_key WHERE team = ? AND key = ?");
    known.add(event.team).add(key);
    if (!known.step() || known.number(1) <= now_ms - options_.idempotency_ms) continue;
    const bool same_body = std::ranges::equal(known.blob(2), event.body_hash);
    if (!first || (!same_body && first->kind == Accepted::Kind::kDuplicate)) {
      first = describe_first(known.number(0), same_body);
    }
  }
  return first;
}

Accepted SqliteStore::describe_first(EventSeq seq, bool same_body) {
  Accepted first;
  first.kind = same_body ? Accepted::Kind::kDuplicate : Accepted::Kind::kConflict;
  first.seq = seq;
  Query event(connection_, "SELECT id, deliveries FROM event WHERE seq = ?");
  event.add(seq);
  const bool exists = event.step();
  first.id = exists && !event.is_null(0) ? event.text(0) : format_event_id(seq);
  Query deliveries(connection_, "SELECT channel FROM delivery WHERE id > ? AND id <= ? ORDER BY id");
  deliveries.add(seq).add(seq + (exists ? event.number(1) : 0));
  while (deliveries.step()) first.channels.push_back(deliveries.number(0));
  return first;
}

void SqliteStore::insert_event(const NewEvent& event, std::int64_t now_ms) {
  const Event& fields = *event.event;
  const std::string payload = write_event_json(fields);
  const std::string keys = join_keys(event.keys);
  Query insert(
      connection_,
      "INSERT INTO event(seq, team, generation, received_ms, deliveries, severity, type, payload, id,"
      " keys) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  insert.add(fields.seq)
      .add(event.team)
      .add(event.generation)
      .add(fields.received_ms)
      .add(static_cast<std::int64_t>(event.deliveries.size()))
      .add(static_cast<std::int64_t>(fields.severity))
      .add(fields.type)
      .add(payload);
  fields.id == format_event_id(fields.seq) ? insert.add_null() : insert.add(fields.id);
  keys.empty() ? insert.add_null() : insert.add(keys);
  insert.run();
  insert_keys(event, now_ms);
  insert_deliveries(event, now_ms);
}

void SqliteStore::insert_keys(const NewEvent& event, std::int64_t now_ms) {
  for (const auto& key : event.keys) {
    Query(connection_,
          "INSERT OR REPLACE INTO event_key(team, key, seq, created_ms, body_hash) VALUES(?, ?, ?, ?, ?)")
        .add(event.team)
        .add(key)
        .add(event.event->seq)
        .add(now_ms)
        .add_blob(event.body_hash)
        .run();
  }
}

void SqliteStore::insert_deliveries(const NewEvent& event, std::int64_t now_ms) {
  DeliveryId id = event.event->seq;
  for (const auto& delivery : event.deliveries) {
    Query(connection_,
          "INSERT INTO delivery(id, channel, state, tries, attempts, due_ms, epoch, finished_ms)"
          " VALUES(?, ?, 0, 0, 0, ?, ?, 0)")
        .add(++id)
        .add(delivery.channel)
        .add(now_ms)
        .add(delivery.hot ? epoch_ : 0)
        .run();
  }
}

// ---- finish

bool SqliteStore::apply(const Finish& finish, std::int64_t now_ms) {
  const bool is_done = is_final(finish.state);
  Query update(connection_,
               "UPDATE delivery SET state = ?1, tries = tries + ?2, attempts = attempts + 1, due_ms = ?3,"
               " epoch = 0, finished_ms = ?4, reason = ?5"
               " WHERE id = ?6 AND state < 10 AND epoch = ?7 AND tries = ?8 RETURNING attempts");
  update.add(static_cast<std::int64_t>(finish.state))
      .add(finish.counted ? 1 : 0)
      .add(is_done ? 0 : finish.due_ms)
      .add(is_done ? now_ms : 0)
      .add(finish.attempt.outcome.code)
      .add(finish.delivery)
      .add(epoch_)
      .add(static_cast<std::int64_t>(finish.tries));
  if (update.step()) {
    const std::int64_t number = update.number(0);
    update.run();
    insert_attempt(finish.delivery, number, finish.attempt);
    return true;
  }
  Query count(connection_, "UPDATE delivery SET attempts = attempts + 1 WHERE id = ? RETURNING attempts");
  count.add(finish.delivery);
  if (count.step()) {
    const std::int64_t number = count.number(0);
    count.run();
    insert_attempt(finish.delivery, number, finish.attempt);
  }
  return false;
}

void SqliteStore::insert_attempt(DeliveryId delivery, std::int64_t number, const Attempt& attempt) {
  Query insert(connection_,
               "INSERT INTO attempt(delivery, number, started_ms, duration_us, status, retry_after_ms,"
               " http_status, code, detail, provider_id, remote_address, response)"
               " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
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
  insert.run();
}

}  // namespace tocsin::store
