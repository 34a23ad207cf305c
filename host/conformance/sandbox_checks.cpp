// What a plugin asks of the kernel, seen from the sandbox that refuses it.
#include "conformance/checks.hpp"
#include "conformance/trial.hpp"

namespace tocsin::conformance {
namespace {

constexpr const char* kFix =
    "let the host do the I/O; what cannot be done without ends as TOCSIN_MISCONFIGURED, with a reason";

class Denials {
 public:
  Denials(Subject& subject, Scribe& scribe) : subject_(subject), scribe_(scribe) {}

  // Says what was refused since the last call, where `outcome` does not say it already.
  void look(const std::string& type, const std::string& at, const testing::completion* outcome) {
    const auto status = subject_.sandbox->status();
    const bool is_new = status.denied > seen_;
    seen_ = status.denied;
    if (!is_new || (outcome != nullptr && outcome->status == TOCSIN_MISCONFIGURED)) return;
    scribe_.find(
        {type, "made a call that a sandbox refuses, " + status.last_denied + ", " + at, kFix, false, 0});
  }

 private:
  Subject& subject_;
  Scribe& scribe_;
  std::uint64_t seen_ = 0;
};

void look_at(Subject& subject, const SubjectType& type, const Sample& sample, Denials& denials,
             Scribe& scribe) {
  const std::string& name = type.type->type;
  Trial trial(subject, type, sample.settings, scribe, Watch::kNothing);
  if (!trial.create()) return;
  denials.look(name, "in create()", nullptr);
  testing::sample_message message;
  const std::string ordinary = "an ordinary message";
  denials.look(name, "at \"" + ordinary + '"', trial.deliver(message, ordinary));
  for (const int status : {401, 429, 503}) {
    trial.host().replies.assign(4, {.status = status});
    const std::string answer = "HTTP " + std::to_string(status);
    denials.look(name, "at \"" + answer + '"', trial.deliver(message, answer));
  }
  trial.host().replies.clear();
  if (type.raw->api->verify != nullptr) {
    denials.look(name, "in verify()", trial.verify("a sound connection"));
  }
  trial.destroy();
  denials.look(name, "in destroy()", nullptr);
}

}  // namespace

void check_refused(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  Denials denials(*subject, scribe);
  denials.look("", "while it was loaded and its settings were tried", nullptr);
  for (const SubjectType& type : subject->types) {
    for (const Sample& sample : type.samples) look_at(*subject, type, sample, denials, scribe);
  }
}

}  // namespace tocsin::conformance
