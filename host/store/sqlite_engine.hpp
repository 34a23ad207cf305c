// The Store over SQLite, for the sqlite_*.cpp files of this room alone; everyone else sees sqlite_store.hpp.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "store/connection.hpp"
#include "store/data_directory.hpp"
#include "store/sqlite_store.hpp"
#include "store/store.hpp"

namespace tocsin::store {

// Runs `work` and turns what it throws into the Result.
template <class Work>
[[nodiscard]] auto guard(Work&& work) -> Result<std::invoke_result_t<Work>> {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Work>>) {
      std::forward<Work>(work)();
      return {};
    } else {
      return std::forward<Work>(work)();
    }
  } catch (Failure& failure) {
    return std::move(failure.error);
  }
}

// The number of an event or a delivery carries the time the event was taken in, at the earliest: below this
// nothing can have been received since (ids.hpp).
[[nodiscard]] inline std::int64_t lowest_number_since(std::int64_t since_ms) {
  constexpr std::int64_t kLatest = std::int64_t{1} << 42;
  return std::clamp<std::int64_t>(since_ms, 0, kLatest) << 20;
}

// Names of teams and of scopes, which have no blanks, as one text.
[[nodiscard]] std::string join_words(const std::vector<std::string>& words);
[[nodiscard]] std::vector<std::string> split_words(const std::string& joined);

// The event of a stored row. Throws Failure where the payload is damaged.
[[nodiscard]] Event read_stored_event(const std::string& payload, EventSeq seq, std::int64_t received_ms);

// Keys as one column: each "<bytes>:<key>".
[[nodiscard]] std::string join_keys(const std::vector<std::string>& keys);
[[nodiscard]] std::vector<std::string> split_keys(const std::string& joined);

// Where in event_key a key may be.
struct PlaceRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
[[nodiscard]] PlaceRange places_of(TeamId team, const std::string& key);
// The event under whose number a place was taken, if it has this very key.
struct KeyHolder {
  std::int64_t received_ms = 0;
  std::int64_t deliveries = 0;
  std::string id;
  BodyHash body_hash{};
};
[[nodiscard]] std::optional<KeyHolder> find_key_holder(Connection& connection, EventSeq seq, TeamId team,
                                                       const std::string& key);

class SqliteStore final : public Store {
 public:
  // `directory` is locked. Throws Failure.
  SqliteStore(const SqliteOptions& options, DataDirectory directory);
  ~SqliteStore() override;

  Result<std::vector<TeamId>> resolve_teams(std::span<const std::string> names) override;
  Result<std::vector<ChannelId>> resolve_channels(std::span<const ChannelKey> keys) override;
  Result<std::int64_t> put_generation(TeamId team, const std::string& definition) override;
  using Store::write;
  Result<WriteResult> write(std::span<const NewEvent> events, std::span<const Finish> finishes,
                            std::span<const InboxWrite> inbox, std::int64_t now_ms) override;
  Result<std::vector<Claimed>> claim(ChannelId channel, std::int64_t now_ms, const ClaimWish& wish) override;
  Result<void> release(std::span<const DeliveryId> deliveries, std::int64_t now_ms) override;
  Result<std::size_t> cancel_channel(ChannelId channel, const std::string& reason,
                                     std::int64_t now_ms) override;
  Result<std::vector<ChannelBacklog>> reopen(std::span<const DeliveryId> deliveries,
                                             std::int64_t now_ms) override;
  Result<bool> cancel(DeliveryId delivery, bool taken, const std::string& reason,
                      std::int64_t now_ms) override;
  Result<std::vector<ChannelBacklog>> list_backlogs() override;
  Result<std::vector<std::pair<ChannelId, ChannelKey>>> list_channels() override;
  Result<std::vector<ObjectRecord>> list_objects() override;
  Result<std::vector<SealedValue>> list_secrets(const std::string& key, const SecretAt& after,
                                                std::size_t limit) override;
  Result<std::vector<bool>> rewrap(std::span<const Rewrapped> values) override;
  Result<std::vector<TokenRecord>> list_tokens() override;
  Result<void> add_token(const TokenRecord& token) override;
  Result<void> revoke_token(const std::string& name, std::int64_t now_ms) override;
  Result<void> note_token_uses(std::span<const TokenUse> uses) override;
  Result<std::vector<SessionRecord>> list_sessions() override;
  Result<void> add_session(const SessionRecord& session, std::int64_t now_ms) override;
  Result<void> end_session(const SessionHash& hash) override;
  Result<void> add_audit(const AuditRecord& record) override;
  Result<std::int64_t> write_object(const ObjectWrite& write, std::int64_t now_ms) override;
  Result<std::size_t> trim_audit(std::int64_t before_ms, std::size_t limit) override;
  [[nodiscard]] std::int64_t free_bytes() const override { return directory_.free_bytes(); }
  Result<void> order_objects(const ObjectOrder& order) override;
  Result<std::size_t> delete_expired(std::int64_t before_ms, std::size_t limit) override;
  Result<std::size_t> trim_inbox(std::int64_t items_before_ms, std::int64_t changes_before_ms,
                                 std::size_t limit) override;
  Result<void> checkpoint() override;
  std::int64_t log_bytes() const override;
  std::int64_t epoch() const override { return epoch_; }
  std::int64_t last_number() const override { return last_number_; }
  Result<std::unique_ptr<Reader>> open_reader() override;

 private:
  // guard(), and once durability is lost nothing is tried on this handle again.
  template <class Work>
  [[nodiscard]] auto on_handle(Work&& work) -> Result<std::invoke_result_t<Work>> {
    if (failed_) return *failed_;
    auto result = guard(std::forward<Work>(work));
    if (!result) note_failure(result.error());
    return result;
  }
  void note_failure(const Error& error);

  // sqlite_store.cpp
  void refuse_damage();
  void begin_epoch();
  void set_page_limit(std::int64_t pages);
  [[nodiscard]] bool has_room();
  void refuse_when_full();

  // sqlite_write.cpp
  void insert_event(const NewEvent& event, std::int64_t now_ms);
  void insert_deliveries(const NewEvent& event, std::int64_t now_ms);
  [[nodiscard]] bool apply(const Finish& finish, std::int64_t now_ms);
  [[nodiscard]] bool apply_to(const Finish::Other& which, const Finish& finish, const Attempt& attempt,
                              std::int64_t now_ms);
  bool insert_attempt(DeliveryId delivery, std::int64_t number, const Attempt& attempt);

  // sqlite_keys.cpp
  [[nodiscard]] std::optional<Accepted> take_keys(const NewEvent& event, std::int64_t now_ms);
  [[nodiscard]] bool take_place(std::int64_t place, EventSeq seq);
  [[nodiscard]] std::optional<Accepted> find_taken(const NewEvent& event, const std::string& key,
                                                   const PlaceRange& places, std::int64_t now_ms);
  [[nodiscard]] Accepted describe_first(const NewEvent& event, EventSeq seq, const KeyHolder& holder);
  void drop_key(TeamId team, const std::string& key, EventSeq seq);

  // sqlite_due.cpp
  struct Due {
    Claimed claimed;
    bool orphaned = false;             // an older epoch held it
    std::optional<MessageId> message;  // as the row has it; claimed.message is what becomes of it
  };
  // Which of a channel's due rows.
  struct Pick {
    enum class Kind : std::uint8_t { kAny, kAlone, kForWindow, kAloneButTests, kOfMessage };
    Kind kind = Kind::kAny;
    std::size_t limit = 0;
    MessageId message = 0;                    // of kOfMessage
    std::optional<std::int64_t> due_ms = {};  // exactly then
  };
  [[nodiscard]] std::vector<Due> find_due(ChannelId channel, std::int64_t now_ms, const Pick& pick);
  void find_unheld(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms, const Pick& pick);
  void find_orphaned(std::vector<Due>& due, ChannelId channel, std::int64_t now_ms, const Pick& pick);
  void read_due(Query& rows, std::int64_t now_ms, const Pick& pick, bool orphaned, std::vector<Due>& due);
  [[nodiscard]] std::vector<Due> find_digest_or_alone(ChannelId channel, std::int64_t now_ms,
                                                      const ClaimWish& wish);

  // sqlite_claim.cpp
  [[nodiscard]] std::vector<Claimed> take(std::vector<Due>& due, std::int64_t now_ms);
  void hold(Due& due, std::uint32_t events, std::int64_t now_ms);
  [[nodiscard]] EventPtr load_event(DeliveryId delivery);
  [[nodiscard]] std::string load_carry(DeliveryId delivery, MessageId message);

  // sqlite_retention.cpp
  struct Expired {
    EventSeq seq = 0;
    std::int64_t deliveries = 0;
    TeamId team = 0;
    std::string keys;
  };
  [[nodiscard]] std::vector<Expired> find_expired(std::int64_t before_ms, std::size_t limit);
  void delete_event(const Expired& event);

  SqliteOptions options_;
  DataDirectory directory_;
  Ballast ballast_;
  std::string file_;
  Connection connection_;
  std::optional<Error> failed_;
  bool full_ = false;
  std::int64_t page_bytes_ = 4096;
  std::int64_t epoch_ = 0;
  std::int64_t last_number_ = 0;
  std::set<ChannelId> orphaned_channels_;  // those where an older epoch may still hold deliveries
  EventSeq retention_cursor_ = 0;          // events up to here were looked at in this sweep
};

}  // namespace tocsin::store
