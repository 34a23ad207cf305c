// See sqlite_reader.hpp.
#include "store/sqlite_reader.hpp"

#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {
namespace {

constexpr std::size_t kLooksPerPage = 20'000;  // deliveries looked at for one page: about 20 ms

// The columns read_delivery() reads, in its order.
#define TOCSIN_DELIVERY_COLUMNS "id, channel, state, tries, at_ms, reason"

std::string text_or_empty(const Query& row, int column) {
  return row.is_null(column) ? std::string() : row.text(column);
}

bool is_allowed(TeamId team, std::span<const TeamId> teams) {
  return teams.empty() || std::ranges::find(teams, team) != teams.end();
}

}  // namespace

SqliteReader::SqliteReader(const std::string& file) : connection_(file, Connection::Mode::kRead) {}

// ---- one event

Result<std::optional<EventRecord>> SqliteReader::find_event(const std::string& id,
                                                            std::span<const TeamId> teams) {
  return guard([&]() -> std::optional<EventRecord> {
    channels_.clear();
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    if (const auto seq = parse_event_id(id)) {
      if (auto found = load_event(*seq, teams)) return found;
    }
    if (const auto seq = find_by_key("id:" + id, teams)) return load_event(*seq, teams);
    return std::nullopt;
  });
}

std::optional<EventSeq> SqliteReader::find_by_key(const std::string& key, std::span<const TeamId> teams) {
  const std::vector<TeamId> everywhere = teams.empty() ? all_teams() : std::vector<TeamId>();
  std::optional<EventSeq> newest;
  for (const TeamId team : teams.empty() ? std::span<const TeamId>(everywhere) : teams) {
    const PlaceRange places = places_of(team, key);
    Query rows(connection_, "SELECT seq FROM event_key WHERE place BETWEEN ? AND ?");
    rows.add(places.first).add(places.last);
    while (rows.step()) {
      if (!find_key_holder(connection_, rows.number(0), team, key)) continue;
      newest = std::max(newest.value_or(0), rows.number(0));
    }
  }
  return newest;
}

std::vector<TeamId> SqliteReader::all_teams() {
  std::vector<TeamId> teams;
  Query rows(connection_, "SELECT id FROM team");
  while (rows.step()) teams.push_back(rows.number(0));
  return teams;
}

std::optional<EventRecord> SqliteReader::load_event(EventSeq seq, std::span<const TeamId> teams) {
  Query row(connection_,
            "SELECT team, generation, received_ms, deliveries, payload FROM event WHERE seq = ?");
  row.add(seq);
  if (!row.step() || !is_allowed(row.number(0), teams)) return std::nullopt;
  EventRecord record;
  record.team = row.number(0);
  record.generation = row.number(1);
  record.event = read_stored_event(row.text(4), seq, row.number(2));
  EventHead head{seq,
                 record.team,
                 row.number(2),
                 record.event.id,
                 record.event.type,
                 record.event.severity,
                 record.event.title};
  Query deliveries(connection_,
                   "SELECT " TOCSIN_DELIVERY_COLUMNS " FROM delivery WHERE id > ? AND id <= ? ORDER BY id");
  deliveries.add(seq).add(seq + row.number(3));
  while (deliveries.step()) record.deliveries.push_back(read_delivery(deliveries, head));
  return record;
}

// ---- deliveries

const SqliteReader::Channel& SqliteReader::channel_of(ChannelId id) {
  const auto known = channels_.find(id);
  if (known != channels_.end()) return known->second;
  Channel channel;
  Query row(connection_, "SELECT team, name, type FROM channel WHERE id = ?");
  row.add(id);
  if (row.step()) channel = {row.number(0), row.text(1), row.text(2)};
  return channels_.emplace(id, std::move(channel)).first->second;
}

std::optional<SqliteReader::EventHead> SqliteReader::find_head(DeliveryId delivery) {
  Query row(connection_,
            "SELECT seq, team, received_ms, id, type, severity FROM event WHERE seq < ?"
            " ORDER BY seq DESC LIMIT 1");
  row.add(delivery);
  if (!row.step()) return std::nullopt;
  const EventSeq seq = row.number(0);
  return EventHead{seq,           row.number(1),
                   row.number(2), row.is_null(3) ? format_event_id(seq) : row.text(3),
                   row.text(4),   static_cast<Severity>(row.number(5)),
                   std::nullopt};
}

std::string SqliteReader::last_code(DeliveryId delivery) {
  Query row(connection_, "SELECT code FROM attempt WHERE delivery = ? ORDER BY number DESC LIMIT 1");
  return row.add(delivery).step() ? text_or_empty(row, 0) : std::string();
}

std::string SqliteReader::title_of(EventSeq event) {
  Query row(connection_, "SELECT json_extract(payload, '$.title') FROM event WHERE seq = ?");
  return row.add(event).step() ? text_or_empty(row, 0) : std::string();
}

DeliveryRecord SqliteReader::read_delivery(const Query& row, EventHead& event) {
  DeliveryRecord record;
  record.id = row.number(0);
  record.event = event.seq;
  record.channel = row.number(1);
  const Channel& channel = channel_of(record.channel);
  record.channel_name = channel.name;
  record.channel_type = channel.type;
  record.state = static_cast<DeliveryState>(row.number(2));
  record.tries = static_cast<std::uint32_t>(row.number(3));
  (is_final(record.state) ? record.finished_ms : record.due_ms) = row.number(4);
  record.reason = row.is_null(5) ? last_code(record.id) : row.text(5);
  record.event_id = event.id;
  record.event_type = event.type;
  if (!event.title) event.title = title_of(event.seq);
  record.event_title = *event.title;
  record.severity = event.severity;
  return record;
}

Result<std::optional<DeliveryRecord>> SqliteReader::find_delivery(DeliveryId delivery,
                                                                  std::span<const TeamId> teams) {
  return guard([&]() -> std::optional<DeliveryRecord> {
    channels_.clear();
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    Query row(connection_, "SELECT " TOCSIN_DELIVERY_COLUMNS " FROM delivery WHERE id = ?");
    row.add(delivery);
    if (!row.step()) return std::nullopt;
    auto event = find_head(delivery);
    if (!event || !is_allowed(event->team, teams)) return std::nullopt;
    return read_delivery(row, *event);
  });
}

Result<DeliveryPage> SqliteReader::list_deliveries(const DeliveryFilter& filter) {
  return guard([&] {
    channels_.clear();
    DeliveryPage page;
    std::optional<Transaction> moment;  // within a view there is one already
    if (!view_) moment.emplace(connection_, Connection::Mode::kRead);
    Query rows(connection_,
               "SELECT " TOCSIN_DELIVERY_COLUMNS " FROM delivery WHERE id < ? AND id > ? ORDER BY id DESC");
    rows.add(filter.before > 0 ? filter.before : INT64_MAX).add(lowest_number_since(filter.since_ms));
    std::optional<EventHead> event;
    for (std::size_t looks = 0; rows.step(); ++looks) {
      const DeliveryId id = rows.number(0);
      // Looked at enough, and there is more: the next page starts with this row.
      if (page.deliveries.size() >= filter.limit || looks >= kLooksPerPage) {
        page.next = id + 1;
        break;
      }
      if (filter.channel && rows.number(1) != *filter.channel) continue;
      if (filter.state && rows.number(2) != static_cast<std::int64_t>(*filter.state)) continue;
      if (filter.team && channel_of(rows.number(1)).team != *filter.team) continue;
      if (!event || id < event->seq) event = find_head(id);
      if (!event || event->received_ms < filter.since_ms) continue;
      if (filter.until_ms != 0 && event->received_ms >= filter.until_ms) continue;
      if (!filter.event_type.empty() && event->type != filter.event_type) continue;
      page.deliveries.push_back(read_delivery(rows, *event));
    }
    return page;
  });
}

// ---- the rest

Result<void> SqliteReader::begin_view() {
  return guard([&] { view_.emplace(connection_, Connection::Mode::kRead); });
}

void SqliteReader::end_view() {
  view_.reset();
}

Result<std::vector<Attempt>> SqliteReader::list_attempts(DeliveryId delivery) {
  return guard([&] {
    std::vector<Attempt> attempts;
    Query row(connection_,
              "SELECT number, started_ms, duration_us, status, retry_after_ms, http_status, code, detail,"
              " provider_id, remote_address, response, message, events FROM attempt WHERE delivery = ? ORDER "
              "BY number");
    row.add(delivery);
    while (row.step()) {
      auto& attempt = attempts.emplace_back();
      attempt.number = static_cast<std::uint32_t>(row.number(0));
      attempt.started_ms = row.number(1);
      attempt.duration_us = row.number(2);
      attempt.outcome.status = static_cast<OutcomeStatus>(row.number(3));
      attempt.outcome.retry_after_ms = row.number(4);
      attempt.http_status = static_cast<int>(row.number(5));
      attempt.outcome.code = text_or_empty(row, 6);
      attempt.outcome.detail = text_or_empty(row, 7);
      attempt.outcome.provider_id = text_or_empty(row, 8);
      attempt.remote_address = text_or_empty(row, 9);
      attempt.response = text_or_empty(row, 10);
      if (row.is_null(11)) continue;
      attempt.message = row.number(11);
      attempt.events = static_cast<std::uint32_t>(row.number(12));
    }
    return attempts;
  });
}

Result<std::optional<std::string>> SqliteReader::find_generation(std::int64_t generation) {
  return guard([&]() -> std::optional<std::string> {
    Query row(connection_, "SELECT definition FROM generation WHERE id = ?");
    row.add(generation);
    if (!row.step()) return std::nullopt;
    return row.text(0);
  });
}

}  // namespace tocsin::store
