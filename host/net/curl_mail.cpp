// See curl_mail.hpp.
#include "net/curl_mail.hpp"

#include <strings.h>

#include <algorithm>

namespace tocsin::net {
namespace {

constexpr std::int64_t kIdleUs = 30'000'000;
constexpr std::size_t kMostIdle = 64;

void wipe(MailRequest& request) {
  ::explicit_bzero(request.password.data(), request.password.size());
}

}  // namespace

MailSessions::MailSessions(EgressContext& context, Ended ended)
    : context_(context), ended_(std::move(ended)), multi_(context.watch) {}

void MailSessions::begin(PendingExchange pending, std::int64_t now_us) {
  now_us_ = now_us;
  const MailRequest& request = pending.mail->request;
  if (std::string fault = mail_fault(request); !fault.empty()) {
    MailReply reply = refused_mail(request, IoError::kInvalid, std::move(fault));
    return ended_(std::move(pending), std::move(reply));
  }
  if (auto checked = check_mail_server(request.server, mail_port(request), context_.options.policy);
      !checked) {
    const bool blocked = checked.error().code == Errc::kForbidden;
    MailReply reply = refused_mail(request, blocked ? IoError::kBlocked : IoError::kInvalid,
                                   std::move(checked.error().detail));
    return ended_(std::move(pending), std::move(reply));
  }
  MailSession* const session = take_idle(request);
  if (session == nullptr) return connect(std::move(pending), now_us);
  schedule(*session, pending.deadline_us);
  session->send(std::move(pending), now_us);
}

MailSession* MailSessions::take_idle(const MailRequest& request) {
  if (request.verify_only) return nullptr;  // what is asked for is a new connection
  const auto found = std::find_if(idle_.rbegin(), idle_.rend(),
                                  [&](const MailSession* each) { return each->fits(request); });
  if (found == idle_.rend()) return nullptr;
  MailSession* const session = *found;
  idle_.erase(std::next(found).base());
  return session;
}

void MailSessions::connect(PendingExchange pending, std::int64_t now_us) {
  auto made = std::make_unique<MailSession>(context_, *this);
  MailSession& session = *made;
  sessions_.emplace(&session, std::move(made));
  if (session.connect(std::move(pending), multi_.handle(), now_us)) {
    schedule(session, session.first_due_us());
    return;
  }
  PendingExchange unsent = session.take_pending();
  MailReply reply = refused_mail(unsent.mail->request, IoError::kLocal, "not enough memory");
  retire(session);
  ended_(std::move(unsent), std::move(reply));
}

void MailSessions::mail_ended(MailSession& session, MailReply reply, bool usable) {
  PendingExchange pending = session.take_pending();
  reply.duration_us = now_us_ - session.started_us();
  if (usable) {
    idle_.push_back(&session);
    schedule(session, now_us_ + kIdleUs);
    if (idle_.size() > kMostIdle) retire(*idle_.front());
  } else {
    retire(session);
  }
  wipe(pending.mail->request);
  ended_(std::move(pending), std::move(reply));
}

void MailSessions::connection_lost(MailSession& session) {
  PendingExchange pending = session.take_pending();
  retire(session);
  if (pending.mail) connect(std::move(pending), now_us_);
}

void MailSessions::schedule(MailSession& session, std::int64_t due_us) {
  if (session.due_us != 0) due_.erase({session.due_us, &session});
  session.due_us = due_us;
  if (due_us != 0) due_.emplace(due_us, &session);
}

void MailSessions::retire(MailSession& session) {
  schedule(session, 0);
  idle_.remove(&session);
  const auto at = sessions_.find(&session);
  session.close();
  retired_.push_back(std::move(at->second));
  sessions_.erase(at);
}

std::int64_t MailSessions::wait_ms(std::int64_t now_us) const {
  std::int64_t shortest = sessions_.empty() ? -1 : multi_.wait_ms();
  if (!due_.empty()) {
    const std::int64_t ms = std::max<std::int64_t>(0, (due_.begin()->first - now_us + 999) / 1000);
    shortest = shortest < 0 ? ms : std::min(shortest, ms);
  }
  return shortest;
}

void MailSessions::collect() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.handle(), &left)) {
    const CURLcode code = message->data.result;
    char* user = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
    auto& session = *reinterpret_cast<MailSession*>(user);
    session.connected(code);
    if (session.busy()) schedule(session, session.first_due_us());
  }
}

void MailSessions::run(std::int64_t now_us) {
  now_us_ = now_us;
  if (!sessions_.empty()) multi_.run_timers();
  collect();
  while (!due_.empty() && due_.begin()->first <= now_us) {
    MailSession& session = *due_.begin()->second;
    if (!session.busy()) {
      retire(session);
    } else if (const std::int64_t later = session.time_out(now_us); later != 0) {
      schedule(session, later);
    }
  }
  retired_.clear();
}

void MailSessions::close_idle() {
  while (!idle_.empty()) retire(*idle_.front());
}

void MailSessions::cancel_all() {
  close_idle();
  while (!sessions_.empty()) sessions_.begin()->first->cancel();
  retired_.clear();
}

}  // namespace tocsin::net
