// One channel of the plugin on the SDK's fake host, under this host's own rules for requests: what every
// check does with it, and what is wrong whatever the check (an attempt that ends twice or never, an outcome
// that is none, a request that would be refused, a secret where it does not belong).
#pragma once

#include <string>
#include <tocsin/testing/corpus.hpp>
#include <utility>
#include <vector>

#include "conformance/played_host.hpp"
#include "conformance/subject.hpp"

namespace tocsin::conformance {

// What of it is a finding: each thing is said by one check.
enum class Watch { kDeliveries, kSecrets, kNothing };

class Trial {
 public:
  Trial(Subject& subject, const SubjectType& type, const plugin::PreparedSettings& settings, Scribe& scribe,
        Watch watch = Watch::kDeliveries);
  ~Trial();
  Trial(const Trial&) = delete;
  Trial& operator=(const Trial&) = delete;

  // False: refused, with `refusal` and `pointer`; a throw is one.
  [[nodiscard]] bool create();
  void destroy();
  std::string refusal, pointer;

  // One attempt, to its end: with its callbacks and, where it waits for a timer, up to its two minutes. Says
  // what is wrong with the way it ended. The completion, where there is exactly one that is sound.
  const testing::completion* deliver(testing::sample_message& message, const std::string& name);
  // The same for verify(), and for an attempt that is cancelled under way.
  const testing::completion* verify(const std::string& name);
  void cancel(testing::sample_message& message, const std::string& name);
  // After E_STALE nothing need be completed: no word about that.
  void deliver_stale(testing::sample_message& message);

  [[nodiscard]] testing::fake_host& host() { return host_; }
  // Tokens by the pointer of their setting, so that two instances can be compared.
  [[nodiscard]] std::string without_tokens(std::string text) const;
  void find(std::string what, std::string fix, bool advice = false);  // of a delivery

 private:
  template <class Call>
  const testing::completion* attempt(const char* function, const std::string& name, bool must_end, Call call);
  const testing::completion* judge(std::size_t before, tocsin_delivery* delivery, const std::string& name,
                                   bool must_end);
  [[nodiscard]] bool has_ended(const std::string& at);
  void find_leak(std::string what, std::string fix);
  void judge_texts(const testing::completion& done, const std::string& name);
  void ask_the_host();
  tocsin_status read(const tocsin_http_request& request);
  void judge_body(const tocsin_http_request& request);

  Subject& subject_;
  const SubjectType& type_;
  Scribe& scribe_;
  Watch watch_;
  PlayedHost host_;
  testing::document settings_;
  std::vector<std::string> egress_;
  std::uint64_t owner_;
  std::vector<std::pair<std::string, std::string>> tokens_;  // token, pointer
  std::uintptr_t handles_ = 0;
  std::string now_;  // the message being delivered
};

}  // namespace tocsin::conformance
