// The inside of a channel instance: what the host's calls, the plugin's calls and the egress engine's answers
// share. Split by what happens: channel_instance.cpp (made, stopped), instance_calls.cpp (attempts begin and
// end), instance_exchanges.cpp (HTTP), instance_mails.cpp (mail), instance_inbox.cpp (items), host_door.cpp,
// host_table.cpp and ext_*.cpp (what the plugin sees).
//
// One mutex guards the tables; no plugin code, sink or engine is called while it is held. Tasks are posted
// under it, so that kDestroy is behind every other.
#pragma once

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/smtp.h>
#include <tocsin/plugin.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "plugin/channel_instance.hpp"
#include "plugin/exchange_slot.hpp"
#include "plugin/host_door.hpp"
#include "plugin/live_deliveries.hpp"
#include "plugin/remote_faults.hpp"
#include "plugin/strand.hpp"

namespace tocsin::plugin {

class Instance;
struct HttpRequest;

struct Timer {
  tocsin_timer_fn callback = nullptr;
  void* user = nullptr;
  PluginPool::Impl::TimerKey key;
};

// An item on its way to the store.
struct Put {
  Handle delivery = 0;
  tocsin_inbox_fn callback = nullptr;
  void* user = nullptr;
  bool answered = false;  // the answer, or a cancellation, is on its way to the plugin
  tocsin_status status = TOCSIN_OK;
  StoredItem item;
};

class Instance final : public ChannelInstance,
                       public TaskRunner,
                       public RemoteFaults,
                       public std::enable_shared_from_this<Instance> {
 public:
  Instance(Services& services, std::shared_ptr<const ChannelType> type, std::string team, std::string channel,
           PreparedSettings settings, JobSink& sink);
  ~Instance() override;
  Result<void> open(PreparedSettings& settings);

  void deliver(std::vector<Job> jobs) override;
  void cancel(DeliveryId delivery) override;
  void verify(std::int64_t deadline_unix_ms, VerifyDone done) override;
  void expire(std::int64_t now_unix_ms) override;
  void stop(std::int64_t grace_ms) override;
  [[nodiscard]] std::string fault() const override;
  [[nodiscard]] const ChannelType& type() const override { return *type_; }

  void run_task(const Task& task) override;
  std::shared_ptr<void> keep_alive() override { return weak_from_this().lock(); }

  // What the plugin's calls lead to. [any]
  // Null: the plugin calls too late, and gets TOCSIN_E_CLOSING or nothing (host_door.hpp).
  static std::shared_ptr<Instance> of(const tocsin_host* host) { return HostDoor::enter(host); }
  const void* find_extension(const char* id);
  void complete(Handle handle, const tocsin_outcome* outcome);
  void complete_late(Handle handle) override;
  void threw(Handle handle, const std::string& where, const std::string& what) override;
  void left_out(std::uint32_t lines) override;
  tocsin_status submit(Handle handle, const tocsin_http_request* request, tocsin_http_fn callback,
                       void* user);
  tocsin_status submit_mail(Handle handle, const tocsin_smtp_mail* mail, tocsin_smtp_fn callback, void* user);
  tocsin_status check_mail(const tocsin_smtp_mail* mail, tocsin_error* error);
  tocsin_status put_item(Handle handle, const tocsin_inbox_item* given, tocsin_inbox_fn callback, void* user);
  tocsin_status start_timer(std::int64_t delay_ms, tocsin_timer_fn callback, void* user,
                            std::uint64_t* timer);
  tocsin_status cancel_timer(std::uint64_t timer);
  void write_log(Handle handle, std::uint32_t level, tocsin_str text, const tocsin_kv* fields, std::size_t n);
  // nullptr once the host is through with this instance: what it borrowed may be gone.
  [[nodiscard]] Services* services() { return gone_ ? nullptr : &services_; }
  [[nodiscard]] std::uint64_t owner() const { return owner_; }

 private:
  // [strand]
  void run_create();
  void run_destroy();
  void leave_behind();  // [any]
  void start(Handle handle);
  void start_next();
  void call_cancel(Handle handle);
  void answer(Exchange& exchange);
  void answer_http(Exchange& exchange);
  void answer_mail(Exchange& exchange);
  void fire_timer(std::uint64_t timer);

  // A job's end on its way to whoever waits for it: the sink, or the one who asked for a verification.
  struct Ended {
    JobResult result;
    VerifyDone verified;
  };
  // Ending an attempt. With the lock held where `lock` is named.
  void tell(Ended ended);
  void end(Handle handle, Attempt attempt);
  void end_as_fault(Handle handle, const std::string& code, const std::string& detail);
  [[nodiscard]] Attempt record_of(LiveDelivery& live, Outcome outcome) const;
  [[nodiscard]] Outcome read_outcome(const tocsin_outcome* given, std::string& fault) const;
  [[nodiscard]] static std::string read_carry(const tocsin_outcome& given, std::string& fault);
  void release_locked(Handle handle, bool by_host, std::vector<Task>& tasks, Job& job);
  void abandon_locked(Handle handle, std::vector<Task>& tasks);
  void free_blocking_locked(Handle handle, std::vector<Task>& tasks);
  void blame_completion(const PastDelivery& past);
  void note_fault(const std::string& text);

  // Exchanges.
  [[nodiscard]] tocsin_status admit(Handle handle);
  [[nodiscard]] tocsin_status admit_locked(Handle handle);
  [[nodiscard]] tocsin_status take_place_locked(Handle handle, void* user, Exchange*& place);
  void answered(Exchange& exchange, net::ExchangeResponse response, Wake wake);
  void answered(Exchange& exchange, net::MailReply reply, Wake wake);
  void settle_locked(Exchange& exchange, Wake wake);
  void keep_facts(Handle handle, ExchangeFacts facts);
  void end_exchange(Exchange& exchange, const std::optional<std::string>& thrown);
  void cancel_exchanges_locked(Handle handle, std::vector<Task>& tasks);
  void let_go_locked(Exchange& exchange);
  void clean(Exchange& exchange) const;
  void clean_reply(const Exchange& exchange, net::SmtpReply& reply) const;

  // Inbox items.
  void stored(std::uint64_t id, Result<StoredItem> stored);
  void cancel_puts_locked(Handle handle, std::vector<Task>& tasks);
  void answer_put(std::uint64_t id);

  [[nodiscard]] std::string redacted(std::string_view text, std::size_t most) const;
  void say(int level, const std::string& text);

  Services& services_;
  const std::shared_ptr<const ChannelType> type_;
  const std::string team_, channel_, label_;  // label: "team/channel"
  JobSink& sink_;
  const std::vector<std::string> egress_;
  const security::AddressPolicy policy_;  // when it was made; the engine knows the one in force
  const bool mail_without_tls_;
  const std::uint64_t owner_;  // of its secrets and its connections
  HostDoor& door_;
  std::unique_ptr<FlatDocument> settings_;  // until create() has returned
  std::unique_ptr<Strand> strand_;

  mutable std::mutex mutex_;
  LiveDeliveries live_;
  std::deque<Exchange> exchanges_;
  std::vector<Exchange*> free_exchanges_;
  std::size_t exchanges_in_flight_ = 0;
  std::map<std::uint64_t, Put> puts_;
  std::uint64_t last_put_ = 0;
  std::map<std::uint64_t, Timer> timers_;
  std::uint64_t last_timer_ = 0;
  Handle blocking_ = 0;         // what a BLOCKING plugin works on
  std::deque<Handle> waiting_;  // behind it
  std::size_t ending_ = 0;      // complete() calls under way
  bool created_ = false, destroyed_ = false;
  std::condition_variable changed_;
  std::atomic<bool> closing_{false}, gone_{false};

  mutable std::mutex fault_mutex_;
  std::string fault_;
  std::uint64_t faults_ = 0;
  std::int64_t fault_second_ = 0;
  std::uint32_t faults_in_second_ = 0;

  std::mutex log_mutex_;
  std::int64_t log_second_ = 0;
  std::uint32_t log_lines_ = 0, log_dropped_ = 0;

  tocsin_instance* plugin_ = nullptr;  // strand only
  std::optional<Error> refusal_;       // of create()
};

[[nodiscard]] inline tocsin_delivery* to_delivery(Handle handle) {
  return reinterpret_cast<tocsin_delivery*>(static_cast<std::uintptr_t>(handle));
}
[[nodiscard]] inline Handle to_handle(const tocsin_delivery* delivery) {
  return static_cast<Handle>(reinterpret_cast<std::uintptr_t>(delivery));
}

}  // namespace tocsin::plugin
