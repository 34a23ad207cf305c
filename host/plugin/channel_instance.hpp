// One channel's plugin instance and the wall around it: its strand, its live deliveries (slot + generation
// handles), its grants, its host table. Everything a plugin can do wrong in process ends here as an outcome
// or a log line.
//
// Threads: plugin code runs only on the pool, serialised per instance (TOCSIN_SERIAL), on its own thread
// (TOCSIN_BLOCKING) or freely (TOCSIN_CONCURRENT).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/clock.hpp"
#include "model/delivery.hpp"
#include "model/event.hpp"
#include "model/inbox.hpp"
#include "net/exchange.hpp"
#include "plugin/channel_type.hpp"
#include "security/secret_vault.hpp"

namespace tocsin::plugin {

// Told how a verification ended, once. [any] Must not block.
using VerifyDone = std::function<void(Attempt)>;

// One attempt to make: one message, of one delivery or of the many of a digest.
struct Job {
  DeliveryId delivery = 0;            // of a digest the first: the job is known by it
  std::uint32_t attempt = 1;          // counted tries + 1
  std::int64_t deadline_unix_ms = 0;  // of the attempt: not completed by then, it ends as kTimedOut
  bool test = false;
  MessageId message = 0;  // of a digest; 0: the delivery's own number
  EventPtr event;
  std::vector<EventPtr> more;  // the further events of a digest, in order of acceptance
  std::string carry;           // what the plugin left for this attempt
  VerifyDone verified{};       // set by verify(), with no event: nothing is sent, and this is told the end
};

// How it ended; attempt.number is left to the store.
struct JobResult {
  DeliveryId delivery = 0;
  Attempt attempt;
};

class JobSink {
 public:
  virtual ~JobSink() = default;
  // [any] Exactly once for every job given to deliver(). Must not block.
  virtual void job_done(JobResult result) = 0;
};

// The [plugin] pool: a few threads that run strands in batches.
class PluginPool {
 public:
  explicit PluginPool(unsigned threads);
  ~PluginPool();
  void stop();  // after every instance was stopped
  // Optional, before exchanges.start(): wakes the pool once for each batch of answers, not for each answer.
  void wake_with(net::ExchangeEngine& exchanges);
  class Impl;
  [[nodiscard]] const std::shared_ptr<Impl>& impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

// What the store says of an item.
struct StoredItem {
  InboxSeq seq = 0;
  bool duplicate = false;  // it was there already
};
// [any] Stores an item for a team; `done` is called once, on any thread, and may be called at once.
using PutItem = std::function<void(const std::string& team, InboxItem item,
                                   std::function<void(Result<StoredItem>)> done)>;

// What instances borrow from the host; must outlive them.
struct Services {
  const Clock& clock;
  net::ExchangeEngine& exchanges;
  security::SecretVault& vault;
  PluginPool& pool;
  // Copied for the life of the process, for what a plugin does when it is gone (host_door.hpp).
  std::function<void(int level, const std::string& channel, const std::string& text)> log;
  PutItem put_item{};  // null: items are unsupported
};

class ChannelInstance {
 public:
  // Runs the plugin's create(). kInvalid: the plugin refused the settings (its sentence, its pointer in
  // `fields`); kUnavailable: it broke the contract. [any thread that is not a pool thread; blocks until
  // create() returned, at most 10 s]
  static Result<std::shared_ptr<ChannelInstance>> create(Services& services,
                                                         std::shared_ptr<const ChannelType> type,
                                                         std::string team, std::string channel,
                                                         PreparedSettings settings, JobSink& sink);
  virtual ~ChannelInstance() = default;

  virtual void deliver(std::vector<Job> jobs) = 0;  // [any] one wake-up a batch; returns at once
  virtual void cancel(DeliveryId delivery) = 0;  // [any] asks to give up; the job still ends through the sink
  // [any] Tests the connection and sends nothing that a person would read. Only where type().verifies. Ends
  // like a job does (deadline, stop), but through `done`.
  virtual void verify(std::int64_t deadline_unix_ms, VerifyDone done) = 0;
  // [any] Ends jobs past their deadline as kTimedOut (the engine calls this about once a second).
  virtual void expire(std::int64_t now_unix_ms) = 0;
  // Ends every live job as kInterrupted, then destroys the plugin's instance once its callbacks are done.
  // Blocks up to `grace_ms`; a plugin that does not return by then is left behind and said so. Idempotent.
  virtual void stop(std::int64_t grace_ms) = 0;
  // One sentence where the plugin broke the contract since it was made ("" otherwise): shown in its status.
  [[nodiscard]] virtual std::string fault() const = 0;
  [[nodiscard]] virtual const ChannelType& type() const = 0;
};

}  // namespace tocsin::plugin
