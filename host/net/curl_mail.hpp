// The mail of an engine: which connection takes it, how long an idle one is kept, and when a time is up.
// Runs in the engine's loop and shares nothing with HTTP but the queue before it. [egress]
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/curl_mail_session.hpp"
#include "net/curl_multi.hpp"

namespace tocsin::net {

class MailSessions final : public MailSession::Keeper {
 public:
  // Gets each mail back with what came of it.
  using Ended = std::function<void(PendingExchange, MailReply)>;
  MailSessions(EgressContext& context, Ended ended);

  void begin(PendingExchange pending, std::int64_t now_us);
  // The earliest time at which run() has something to do, in ms from `now_us`; -1: none.
  [[nodiscard]] std::int64_t wait_ms(std::int64_t now_us) const;
  void run(std::int64_t now_us);
  // What counts as now until the next call with a time.
  void use_time(std::int64_t now_us) { now_us_ = now_us; }
  // After a new policy or CA: idle connections were made under the old one.
  void close_idle();
  void cancel_all();

 private:
  void mail_ended(MailSession& session, MailReply reply, bool usable) override;
  void connection_lost(MailSession& session) override;
  void connect(PendingExchange pending, std::int64_t now_us);
  [[nodiscard]] MailSession* take_idle(const MailRequest& request);
  void collect();
  void schedule(MailSession& session, std::int64_t due_us);
  void retire(MailSession& session);

  EgressContext& context_;
  Ended ended_;
  CurlMulti multi_;  // outlives the sessions
  std::unordered_map<MailSession*, std::unique_ptr<MailSession>> sessions_;
  std::list<MailSession*> idle_;  // the longest idle first
  std::set<std::pair<std::int64_t, MailSession*>> due_;
  std::vector<std::unique_ptr<MailSession>> retired_;  // until their batch of ready sockets is through
  std::int64_t now_us_ = 0;                            // of the last call
};

}  // namespace tocsin::net
