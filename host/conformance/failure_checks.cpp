// A provider's failures through the plugin: whatever the platform, none may be taken for success, and what
// passes by itself may not be given up.
#include <tocsin/testing/failures.hpp>

#include "conformance/checks.hpp"
#include "conformance/trial.hpp"

namespace tocsin::conformance {
namespace {

using testing::meaning;

constexpr std::size_t kMostExchanges = 200;  // of one attempt: a mail of 100 recipients twice

struct Uses {
  bool http = false, mail = false, inbox = false;
};

// Which of the host's doors an ordinary delivery goes through.
Uses find_uses(Trial& trial) {
  testing::sample_message message;
  trial.deliver(message, "an ordinary message");
  return {!trial.host().requests.empty(), !trial.host().mails.empty(), !trial.host().items.empty()};
}

void judge(Trial& trial, const testing::completion* done, const std::string& name, meaning means) {
  if (done == nullptr) return;
  const bool success = done->status == TOCSIN_DELIVERED || done->status == TOCSIN_ACCEPTED;
  if (means != meaning::success && success) {
    trial.find(
        "takes a failure for success: " + name,
        "start from tocsin::classify() or tocsin_classify(), and change only what the platform documents");
  }
  const bool again =
      done->status == TOCSIN_RETRY || done->status == TOCSIN_RATE_LIMITED || done->status == TOCSIN_UNCERTAIN;
  if (means == meaning::transient && !success && !again) {
    trial.find("gives up on what passes by itself: " + name,
               "answer TOCSIN_RETRY, RATE_LIMITED or UNCERTAIN; the host decides when and how often");
  }
}

template <class Script>
void try_one(Trial& trial, const std::string& name, meaning means, Script script) {
  script(trial.host());
  testing::sample_message message;
  judge(trial, trial.deliver(message, name), name, means);
  auto& host = trial.host();
  host.replies.clear();
  host.mail_replies.clear();
  host.inbox_replies.clear();
  host.requests.clear();
  host.mails.clear();
  host.items.clear();
  host.submit_answer = TOCSIN_OK;
}

void try_answers(Trial& trial, const Uses& uses) {
  if (uses.http) {
    for (const auto& [name, reply, means] : testing::http_failures()) {
      try_one(trial, name, means, [&](auto& host) { host.replies.assign(kMostExchanges, reply); });
    }
  }
  if (uses.mail) {
    for (const auto& [name, reply, means] : testing::mail_failures()) {
      try_one(trial, name, means, [&](auto& host) { host.mail_replies.assign(kMostExchanges, reply); });
    }
  }
  if (uses.inbox) {
    for (const auto& [name, reply] : testing::inbox_failures()) {
      const auto means = reply.status == TOCSIN_OK ? meaning::success : meaning::refusal;
      try_one(trial, name, means, [&](auto& host) { host.inbox_replies.assign(kMostExchanges, reply); });
    }
  }
}

void try_refusals(Trial& trial, const Uses& uses) {
  if (!uses.http && !uses.mail && !uses.inbox) return;
  for (const auto& [name, status] : testing::refusals()) {
    try_one(trial, "submit answers " + name, meaning::refusal,
            [answer = status](auto& host) { host.submit_answer = answer; });
  }
  trial.host().submit_answer = TOCSIN_E_STALE;
  testing::sample_message message;
  trial.deliver_stale(message);
  trial.host().submit_answer = TOCSIN_OK;
}

// Cancelled under way: its exchanges end so, and complete() is still due.
void try_cancel(Trial& trial, const SubjectType& type) {
  if (type.raw->api->cancel == nullptr) return;
  testing::http_reply reply;
  reply.status = 0;
  reply.io_error = TOCSIN_IO_CANCELLED;
  trial.host().replies.assign(4, reply);
  testing::sample_message message;
  trial.cancel(message, "a message that is cancelled");
  trial.host().replies.clear();
}

void try_verify(Trial& trial, const SubjectType& type) {
  if (type.raw->api->verify == nullptr) return;
  trial.verify("a sound connection");
  for (const auto& [name, reply, means] : testing::http_failures()) {
    trial.host().replies.assign(4, reply);
    trial.verify("verify: " + name);
    if (trial.host().requests.empty()) break;  // it does not ask by HTTP
    trial.host().requests.clear();
  }
  trial.host().replies.clear();
}

// An extension that it says it can do without.
void try_without(Subject& subject, const SubjectType& type, const Sample& sample, Scribe& scribe) {
  for (const std::string& id : type.type->used_extensions) {
    Trial trial(subject, type, sample.settings, scribe);
    trial.host().withheld.insert(id);
    if (!trial.create()) {
      trial.find("cannot be made without " + id + ", which it lists in uses_ext: " + trial.refusal,
                 "check for NULL, or move it to requires_ext");
      continue;
    }
    testing::sample_message message;
    trial.deliver(message, "a message without " + id);
  }
}

}  // namespace

void check_failures(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) {
    for (const Sample& sample : type.samples) {
      Trial trial(*subject, type, sample.settings, scribe);
      if (!trial.create()) continue;
      const Uses uses = find_uses(trial);
      try_answers(trial, uses);
      try_refusals(trial, uses);
      try_cancel(trial, type);
      try_verify(trial, type);
      try_without(*subject, type, sample, scribe);
    }
  }
}

}  // namespace tocsin::conformance
