// Idempotency keys. A key's place in event_key is a number made of its hash, so the tree is small and
// compared by integers, which matters because keys come in no order and each lands on a page of its own. The
// key itself and the body's hash lie in the event's row; they are looked at where a place is taken already,
// which is a repeated key or, hardly ever, two keys of one hash: the second then takes one of the next
// places.
#include <algorithm>
#include <charconv>

#include "security/signature.hpp"
#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

// Numbers a page of event_key apart are equally near; this many places belong to one hash.
constexpr std::int64_t kPlaces = 16;

}  // namespace

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

PlaceRange places_of(TeamId team, const std::string& key) {
  const auto hash = security::sha256(std::to_string(team) + ":" + key);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) number = (number << 8) | hash[i];
  const auto first = static_cast<std::int64_t>(number >> 2);
  return {first, first + kPlaces - 1};
}

std::optional<KeyHolder> find_key_holder(Connection& connection, EventSeq seq, TeamId team,
                                         const std::string& key) {
  Query row(connection, "SELECT team, received_ms, deliveries, id, keys, body_hash FROM event WHERE seq = ?");
  if (!row.add(seq).step() || row.number(0) != team || row.is_null(4)) return std::nullopt;
  const auto keys = split_keys(row.text(4));
  if (std::ranges::find(keys, key) == keys.end()) return std::nullopt;
  KeyHolder holder;
  holder.received_ms = row.number(1);
  holder.deliveries = row.number(2);
  holder.id = row.is_null(3) ? format_event_id(seq) : row.text(3);
  const auto body = row.blob(5);
  if (body.size() == holder.body_hash.size()) std::ranges::copy(body, holder.body_hash.begin());
  return holder;
}

// The answer where one of the event's keys is taken; the keys are its own otherwise. A conflict outweighs a
// duplicate.
std::optional<Accepted> SqliteStore::take_keys(const NewEvent& event, std::int64_t now_ms) {
  std::optional<Accepted> first;
  for (const auto& key : event.keys) {
    const PlaceRange places = places_of(event.team, key);
    if (take_place(places.first, event.event->seq)) continue;
    auto taken = find_taken(event, key, places, now_ms);
    if (taken && (!first || taken->kind == Accepted::Kind::kConflict)) first = std::move(taken);
  }
  if (first) {
    for (const auto& key : event.keys) drop_key(event.team, key, event.event->seq);
  }
  return first;
}

bool SqliteStore::take_place(std::int64_t place, EventSeq seq) {
  Query(connection_, "INSERT OR IGNORE INTO event_key(place, seq) VALUES(?, ?)").add(place).add(seq).run();
  return connection_.changed_rows() == 1;
}

std::optional<Accepted> SqliteStore::find_taken(const NewEvent& event, const std::string& key,
                                                const PlaceRange& places, std::int64_t now_ms) {
  Query taken(connection_, "SELECT place, seq FROM event_key WHERE place BETWEEN ? AND ?");
  taken.add(places.first).add(places.last);
  while (taken.step()) {
    const std::int64_t place = taken.number(0);
    const EventSeq seq = taken.number(1);
    if (seq == event.event->seq) return std::nullopt;  // the same key twice
    const auto holder = find_key_holder(connection_, seq, event.team, key);
    if (!holder) continue;
    if (holder->received_ms > now_ms - options_.idempotency_ms) return describe_first(event, seq, *holder);
    Query(connection_, "UPDATE event_key SET seq = ? WHERE place = ?").add(event.event->seq).add(place).run();
    return std::nullopt;
  }
  for (std::int64_t place = places.first; place <= places.last; ++place) {
    if (take_place(place, event.event->seq)) return std::nullopt;
  }
  throw Failure{make_error(Errc::kInternal, "the idempotency key has no place left in the store")};
}

Accepted SqliteStore::describe_first(const NewEvent& event, EventSeq seq, const KeyHolder& holder) {
  const bool is_same = holder.body_hash == event.body_hash;
  Accepted first;
  first.kind = is_same ? Accepted::Kind::kDuplicate : Accepted::Kind::kConflict;
  first.seq = seq;
  first.id = holder.id;
  Query deliveries(connection_, "SELECT channel FROM delivery WHERE id > ? AND id <= ? ORDER BY id");
  deliveries.add(seq).add(seq + holder.deliveries);
  while (deliveries.step()) first.channels.push_back(deliveries.number(0));
  return first;
}

void SqliteStore::drop_key(TeamId team, const std::string& key, EventSeq seq) {
  const PlaceRange places = places_of(team, key);
  Query(connection_, "DELETE FROM event_key WHERE place BETWEEN ? AND ? AND seq = ?")
      .add(places.first)
      .add(places.last)
      .add(seq)
      .run();
}

}  // namespace tocsin::store
