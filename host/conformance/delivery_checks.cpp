// Messages through the plugin: every one of the corpus, and one several times.
#include "conformance/checks.hpp"
#include "conformance/trial.hpp"

namespace tocsin::conformance {
namespace {

bool takes_digests(const SubjectType& type) {
  return (type.type->flags & TOCSIN_TAKES_DIGESTS) != 0;
}

// What left the plugin since it was made, in one text that can be compared.
std::string sent_by(Trial& trial) {
  std::string out;
  for (const auto& request : trial.host().requests) {
    out += request.method + ' ' + request.url + '\n' + request.body + '\n';
  }
  for (const auto& mail : trial.host().mails) {
    out += mail.envelope_from + '\n' + mail.bytes + '\n';
    for (const auto& to : mail.recipients) out += to + '\n';
  }
  for (const auto& item : trial.host().items) {
    out += item.id + '\n' + item.title + '\n' + item.summary + '\n' + item.json + '\n';
  }
  return trial.without_tokens(std::move(out));
}

void forget_sent(Trial& trial) {
  trial.host().requests.clear();
  trial.host().mails.clear();
  trial.host().items.clear();
}

void check_samples(Subject& subject, const SubjectType& type, const CheckInput& input, Scribe& scribe) {
  for (const Sample& sample : type.samples) {
    Trial trial(subject, type, sample.settings, scribe);
    if (!trial.create()) continue;
    for (auto& [name, message] : testing::golden_corpus(input.seed, takes_digests(type))) {
      const auto* done = trial.deliver(message, name);
      forget_sent(trial);
      if (done == nullptr || done->status == TOCSIN_DELIVERED || done->status == TOCSIN_ACCEPTED) continue;
      // A platform whose success looks otherwise needs its own tests; that it was sent is what counts here.
      if (done->code.find("exception") != std::string::npos || done->code.ends_with("invalid_request")) {
        trial.find("did not send \"" + name + "\": " + done->detail, "render whatever an event may hold");
      }
    }
  }
}

}  // namespace

void check_render(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) check_samples(*subject, type, input, scribe);
}

void check_repeats(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) {
    const auto find = [&](const std::string& what, const char* fix) {
      scribe.find({type.type->type, what, fix, false, 0});
    };
    for (const Sample& sample : type.samples) {
      Trial first(*subject, type, sample.settings, scribe, Watch::kNothing);
      Trial other(*subject, type, sample.settings, scribe, Watch::kNothing);
      if (!first.create() || !other.create()) continue;
      for (auto& [name, message] : testing::golden_corpus(input.seed, takes_digests(type))) {
        forget_sent(first);
        first.deliver(message, name);
        const std::string once = sent_by(first);
        forget_sent(first);
        // Later, by the clock and by the attempt.
        first.host().advance(90'000);
        message.attempt = 2;
        first.deliver(message, name);
        if (sent_by(first) != once) {
          find("sends other bytes for \"" + name + "\" on its second attempt",
               "build the message from the event and message.id alone: no clock, no counter, no chance");
        }
        message.attempt = 1;
        forget_sent(other);
        other.deliver(message, name);
        if (sent_by(other) != once) {
          find("sends other bytes for \"" + name + "\" from another instance with the same settings",
               "keep nothing between messages that shows in them: after a restart it is gone");
        }
      }
    }
  }
}

}  // namespace tocsin::conformance
