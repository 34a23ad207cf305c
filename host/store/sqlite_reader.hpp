// The Reader over SQLite: a read-only connection of its own. Pages through deliveries by their numbers,
// newest first, with a bounded number of rows looked at in one call; no index is kept for it.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "store/connection.hpp"
#include "store/store.hpp"

namespace tocsin::store {

class SqliteReader final : public Reader {
 public:
  explicit SqliteReader(const std::string& file);  // throws Failure

  Result<void> begin_view() override;
  void end_view() override;
  Result<std::optional<EventRecord>> find_event(const std::string& id,
                                                std::span<const TeamId> teams) override;
  Result<std::vector<Attempt>> list_attempts(DeliveryId delivery) override;
  Result<std::optional<DeliveryRecord>> find_delivery(DeliveryId delivery,
                                                      std::span<const TeamId> teams) override;
  Result<std::vector<KeyUse>> count_secrets() override;
  Result<AuditPage> list_audit(const AuditFilter& filter) override;
  Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) override;
  Result<std::optional<std::string>> find_generation(std::int64_t generation) override;
  // sqlite_activity.cpp
  Result<EventPage> list_events(const EventFilter& filter) override;
  Result<void> recount(std::int64_t from_ms, std::int64_t before_ms, ActivityBook& book) override;
  Result<std::vector<std::int64_t>> list_oldest_due(std::span<const ChannelId> channels) override;
  // sqlite_inbox_read.cpp
  Result<InboxPage> list_inbox(const InboxFilter& filter) override;
  Result<InboxCounts> count_inbox(TeamId team, const std::string& user) override;
  Result<InboxChanges> list_inbox_changes(TeamId team, const std::string& user, InboxSeq after,
                                          std::size_t limit) override;

 private:
  struct Channel {
    TeamId team = 0;
    std::string name;
    std::string type;
  };
  // What a delivery's record takes from its event, without the payload.
  struct EventHead {
    EventSeq seq = 0;
    TeamId team = 0;
    std::int64_t received_ms = 0;
    std::string id;
    std::string type;
    Severity severity = Severity::kInfo;
    std::optional<std::string> title;  // in the payload: read when it is asked for
  };

  [[nodiscard]] std::optional<EventRecord> load_event(EventSeq seq, std::span<const TeamId> teams);
  [[nodiscard]] std::optional<EventSeq> find_by_key(const std::string& key, std::span<const TeamId> teams);
  [[nodiscard]] std::vector<TeamId> all_teams();
  [[nodiscard]] const Channel& channel_of(ChannelId id);
  [[nodiscard]] std::optional<EventHead> find_head(DeliveryId delivery);
  [[nodiscard]] std::string last_code(DeliveryId delivery);
  [[nodiscard]] DeliveryRecord read_delivery(const Query& row, EventHead& event);
  [[nodiscard]] std::string title_of(EventSeq event);

  [[nodiscard]] std::int64_t count_events(std::int64_t from_ms, std::int64_t before_ms, ActivityBook& book);
  [[nodiscard]] std::int64_t count_deliveries(std::int64_t from_ms, std::int64_t before_ms,
                                              ActivityBook& book);
  [[nodiscard]] std::int64_t oldest_due(ChannelId channel);

  Connection connection_;
  std::optional<Transaction> view_;
  std::map<ChannelId, Channel> channels_;  // of one call: a channel's type may change between calls
};

}  // namespace tocsin::store
