// The store as a seam: what is promised of it is here, in records.hpp and in tests/store/conformance.hpp,
// which every engine must pass. SQLite (sqlite_store.hpp) is the first; a shared engine must be able to come
// second. So every call is a batch, payloads are exact bytes, and each finish is fenced by the owner's epoch
// and the attempt number.
//
// A Store is used by one thread, the writer's (writer.hpp). A Reader is used by one thread at a time and
// never writes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "model/error.hpp"
#include "store/activity_book.hpp"
#include "store/activity_records.hpp"
#include "store/audit_records.hpp"
#include "store/inbox_records.hpp"
#include "store/object_records.hpp"
#include "store/records.hpp"
#include "store/session_records.hpp"
#include "store/token_records.hpp"

namespace tocsin::store {

class Reader {
 public:
  virtual ~Reader() = default;
  // Between the two, all reads see one moment: an event, its deliveries and their attempts agree. ReaderPool
  // puts them around every work it is given. end_view() without begin_view() does nothing.
  [[nodiscard]] virtual Result<void> begin_view() = 0;
  virtual void end_view() = 0;
  // By host id or by the producer's own (the newest of that name in the team). `teams`: where to look; empty:
  // everywhere.
  [[nodiscard]] virtual Result<std::optional<EventRecord>> find_event(const std::string& id,
                                                                      std::span<const TeamId> teams) = 0;
  [[nodiscard]] virtual Result<std::vector<Attempt>> list_attempts(DeliveryId delivery) = 0;
  [[nodiscard]] virtual Result<std::optional<DeliveryRecord>> find_delivery(
      DeliveryId delivery, std::span<const TeamId> teams) = 0;
  [[nodiscard]] virtual Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) = 0;
  [[nodiscard]] virtual Result<EventPage> list_events(const EventFilter& filter) = 0;
  // Counts into the book what happened between the two, the newest first; what that costs is bounded,
  // whatever there is. The book is told how far back it came. Of the deliveries, those of events received in
  // this time.
  [[nodiscard]] virtual Result<void> recount(std::int64_t from_ms, std::int64_t before_ms,
                                             ActivityBook& book) = 0;
  // Of each channel, since when the delivery is due that waits the longest; 0: nothing is in line.
  [[nodiscard]] virtual Result<std::vector<std::int64_t>> list_oldest_due(
      std::span<const ChannelId> channels) = 0;
  // The team definition that was in force, as routing::write_definition wrote it.
  [[nodiscard]] virtual Result<std::optional<std::string>> find_generation(std::int64_t generation) = 0;

  // Of every key that has sealed anything, by its id.
  [[nodiscard]] virtual Result<std::vector<KeyUse>> count_secrets() = 0;

  [[nodiscard]] virtual Result<AuditPage> list_audit(const AuditFilter& filter) = 0;

  // The notification centre of one user of a team. Whose inbox nothing was put into yet reads as empty.
  [[nodiscard]] virtual Result<InboxPage> list_inbox(const InboxFilter& filter) = 0;
  [[nodiscard]] virtual Result<InboxCounts> count_inbox(TeamId team, const std::string& user) = 0;
  // What happened after `after`, as far as the user may see it, oldest first, at most `limit`. Where
  // after < trimmed some of it is forgotten; where after > last the number is not of this sequence.
  [[nodiscard]] virtual Result<InboxChanges> list_inbox_changes(TeamId team, const std::string& user,
                                                                InboxSeq after, std::size_t limit) = 0;
};

// ---- the writing side
// -------------------------------------------------------------------------------------------

struct ChannelKey {
  TeamId team = 0;
  std::string name;
  std::string type;
};

class Store {
 public:
  virtual ~Store() = default;

  // Names to numbers, made where new. One transaction each.
  [[nodiscard]] virtual Result<std::vector<TeamId>> resolve_teams(std::span<const std::string> names) = 0;
  [[nodiscard]] virtual Result<std::vector<ChannelId>> resolve_channels(std::span<const ChannelKey> keys) = 0;
  // The generation's number of this definition; the same bytes give the same number.
  [[nodiscard]] virtual Result<std::int64_t> put_generation(TeamId team, const std::string& definition) = 0;

  // One transaction. The k-th answer belongs to events[k] / finishes[k] / inbox[k]; `changes` are the steps
  // that the inbox writes were of their teams' sequences, in order: a write that changed nothing is none. On
  // failure nothing at all was applied. kStorageFull: no room; kStorageFailed: durability can no longer be
  // promised, the process must restart. After kStorageFull, events and inbox writes are refused until there
  // is room again, so that finishes alone use what is kept aside for them; with none of the three it only
  // says whether there is room.
  struct WriteResult {
    std::vector<Accepted> accepted;
    std::vector<bool> applied;
    std::vector<InboxWritten> inbox;
    std::vector<InboxChange> changes;
  };
  [[nodiscard]] virtual Result<WriteResult> write(std::span<const NewEvent> events,
                                                  std::span<const Finish> finishes,
                                                  std::span<const InboxWrite> inbox, std::int64_t now_ms) = 0;
  [[nodiscard]] Result<WriteResult> write(std::span<const NewEvent> events, std::span<const Finish> finishes,
                                          std::int64_t now_ms) {
    return write(events, finishes, {}, now_ms);
  }

  // Takes unfinished deliveries of the channel that are due and not of this epoch, oldest due first, marks
  // them sending under this epoch. One transaction, durable before it returns. Where the wish allows digests,
  // the answer is either deliveries that leave alone or one whole digest. Who is in a digest is durable with
  // the claim and does not change after: it comes back whole, under the same id, until it is final.
  [[nodiscard]] virtual Result<std::vector<Claimed>> claim(ChannelId channel, std::int64_t now_ms,
                                                           const ClaimWish& wish) = 0;
  // Gives back what this epoch holds and has not tried (drain): pending again, uncounted.
  [[nodiscard]] virtual Result<void> release(std::span<const DeliveryId> deliveries, std::int64_t now_ms) = 0;
  // Unfinished deliveries of the channel that this epoch does not hold become kCancelled with `reason`.
  [[nodiscard]] virtual Result<std::size_t> cancel_channel(ChannelId channel, const std::string& reason,
                                                           std::int64_t now_ms) = 0;
  // Takes the final ones of these (and those that wait for another try by themselves) up again: pending, due
  // now, no try counted; alone, if they were in a digest that has ended. One under way keeps who is in it.
  // Their attempts stay. How many of which channel; those that were waiting do not count. Durable before it
  // returns.
  [[nodiscard]] virtual Result<std::vector<ChannelBacklog>> reopen(std::span<const DeliveryId> deliveries,
                                                                   std::int64_t now_ms) = 0;
  // An unfinished delivery becomes kCancelled with `reason`. One that this epoch holds only where `taken`
  // says that its holder has let go of it; never one of a digest that was put together. False: not changed.
  [[nodiscard]] virtual Result<bool> cancel(DeliveryId delivery, bool taken, const std::string& reason,
                                            std::int64_t now_ms) = 0;
  // Every channel with unfinished deliveries not held by this epoch.
  [[nodiscard]] virtual Result<std::vector<ChannelBacklog>> list_backlogs() = 0;
  // Channels known to the store (for finding those the configuration no longer has).
  [[nodiscard]] virtual Result<std::vector<std::pair<ChannelId, ChannelKey>>> list_channels() = 0;

  // Every object of every team, by team, kind, place and name.
  [[nodiscard]] virtual Result<std::vector<ObjectRecord>> list_objects() = 0;
  // One change with its secrets, durable before it returns; the object's version from now on (0: removed).
  // kConflict: it has another version than `expected`, and nothing was changed.
  [[nodiscard]] virtual Result<std::int64_t> write_object(const ObjectWrite& write, std::int64_t now_ms) = 0;
  // One transaction, durable before it returns. No object's version changes.
  [[nodiscard]] virtual Result<void> order_objects(const ObjectOrder& order) = 0;
  // At most `limit` values that another key than `key` has sealed, from behind `after`, in the order of their
  // places.
  [[nodiscard]] virtual Result<std::vector<SealedValue>> list_secrets(const std::string& key,
                                                                      const SecretAt& after,
                                                                      std::size_t limit) = 0;
  // One transaction, durable before it returns. A value that is sealed otherwise than `before` by now is
  // left; the k-th answer says whether the k-th was replaced. No object's version changes.
  [[nodiscard]] virtual Result<std::vector<bool>> rewrap(std::span<const Rewrapped> values) = 0;

  // Forgets at most `limit` acts of before `before_ms`, and the tokens that were revoked before; how many.
  [[nodiscard]] virtual Result<std::size_t> trim_audit(std::int64_t before_ms, std::size_t limit) = 0;
  // Of the file system the database is on; -1: not known.
  [[nodiscard]] virtual std::int64_t free_bytes() const = 0;

  // Every token that was made over the API, by name, the revoked ones too.
  [[nodiscard]] virtual Result<std::vector<TokenRecord>> list_tokens() = 0;
  // Each durable before it returns. kConflict: there is one of this name, or was.
  [[nodiscard]] virtual Result<void> add_token(const TokenRecord& token) = 0;
  // For ever; one that is revoked keeps its first time.
  [[nodiscard]] virtual Result<void> revoke_token(const std::string& name, std::int64_t now_ms) = 0;
  [[nodiscard]] virtual Result<void> note_token_uses(std::span<const TokenUse> uses) = 0;

  // Who is signed in to the console, in no order; those that are over may be among them.
  [[nodiscard]] virtual Result<std::vector<SessionRecord>> list_sessions() = 0;
  // Each durable before it returns.
  [[nodiscard]] virtual Result<void> add_session(const SessionRecord& session, std::int64_t now_ms) = 0;
  [[nodiscard]] virtual Result<void> end_session(const SessionHash& hash) = 0;

  // Durable before it returns; the number is given by the store.
  [[nodiscard]] virtual Result<void> add_audit(const AuditRecord& record) = 0;

  // Deletes up to `limit` events received before `before_ms` whose deliveries are all final, with everything
  // of theirs.
  [[nodiscard]] virtual Result<std::size_t> delete_expired(std::int64_t before_ms, std::size_t limit) = 0;
  // Deletes inbox items created before the one time and, but for a team's newest 1,000, changes made before
  // the other: about `limit`, oldest first. How many.
  [[nodiscard]] virtual Result<std::size_t> trim_inbox(std::int64_t items_before_ms,
                                                       std::int64_t changes_before_ms, std::size_t limit) = 0;
  // Moves what the log holds into the database file, off the commit path. Called when idle or when the log is
  // long.
  [[nodiscard]] virtual Result<void> checkpoint() = 0;
  // Bytes the write-ahead log holds now.
  [[nodiscard]] virtual std::int64_t log_bytes() const = 0;

  [[nodiscard]] virtual std::int64_t epoch() const = 0;        // this opening's number, durable
  [[nodiscard]] virtual std::int64_t last_number() const = 0;  // highest event or delivery number at opening
  // Another read-only view, for a reading thread of its own.
  [[nodiscard]] virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
};

}  // namespace tocsin::store
