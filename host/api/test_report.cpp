// See test_report.hpp.
#include "api/test_report.hpp"

namespace tocsin::api {
namespace {

// The outcome's own sentence, from its capital to its full stop; its code where there is none.
std::string detail_of(const Outcome& outcome) {
  std::string text = outcome.detail.empty() ? "The reason is " + outcome.code : outcome.detail;
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  if (!text.empty() && text.back() != '.' && text.back() != '!' && text.back() != '?') text += '.';
  return text;
}

std::string in_time(const Attempt& attempt) {
  return " in " + std::to_string((attempt.duration_us + 500) / 1000) + " ms.";
}

std::string with_detail(std::string sentence, const Outcome& outcome) {
  if (!outcome.detail.empty()) sentence += ' ' + detail_of(outcome);
  return sentence;
}

std::string seconds(std::int64_t ms) {
  return std::to_string((ms + 999) / 1000) + " s";
}

// Of what did not arrive: what went wrong, and what to do.
std::string describe_failure(const Outcome& outcome) {
  const std::string detail = detail_of(outcome);
  switch (outcome.status) {
    case OutcomeStatus::kRateLimited:
      return "The receiver asks for patience. " + detail +
             (outcome.retry_after_ms > 0 ? " Test again in " + seconds(outcome.retry_after_ms) + '.'
                                         : " Test again in a minute.");
    case OutcomeStatus::kRejected:
      return "The receiver refused it for good. " + detail;
    case OutcomeStatus::kUnreachable:
      return "The recipient cannot be reached. " + detail +
             " Check the recipients in the channel's settings.";
    case OutcomeStatus::kMisconfigured:
      return detail + " Change the channel's settings and test again.";
    case OutcomeStatus::kGone:
      return "The receiver says that this address is gone for good. " + detail + " Set the channel up anew.";
    case OutcomeStatus::kUncertain:
    case OutcomeStatus::kTimedOut:
      return "It may or may not have arrived. " + detail + " Look at the receiver, then test again.";
    case OutcomeStatus::kInterrupted:
      return "The channel was stopped or changed meanwhile. Test again.";
    case OutcomeStatus::kPluginFault:
      return "The channel's plugin broke its contract. " + detail + " Tell its author.";
    default:
      return detail + " This looks temporary: a real alert would be tried again. Test again in a moment.";
  }
}

}  // namespace

TestReport report_test(TestKind kind, const delivery::TestEnd& end) {
  if (!end.ended) {
    return {"waiting", kind == TestKind::kMessage
                           ? "Not sent yet: " + end.waits_for +
                                 ". The message goes out as soon as it can; see the delivery log."
                           : "No answer yet: " + end.waits_for + ". Test again in a moment."};
  }
  const Outcome& outcome = end.attempt.outcome;
  const bool good = outcome.status == OutcomeStatus::kDelivered || outcome.status == OutcomeStatus::kAccepted;
  if (kind == TestKind::kConnection) {
    if (good)
      return {"connected", with_detail("The connection works: answered" + in_time(end.attempt), outcome)};
    return {"failed", "The connection does not work. " + describe_failure(outcome)};
  }
  if (end.state == DeliveryState::kCancelled) {
    return {"failed", "Not delivered: the channel was removed meanwhile."};
  }
  if (outcome.status == OutcomeStatus::kDelivered) {
    return {"delivered", with_detail("Delivered: the receiver confirmed it" + in_time(end.attempt), outcome)};
  }
  if (outcome.status == OutcomeStatus::kAccepted) {
    return {"accepted", "Accepted: look at the channel. The platform took the message" +
                            in_time(end.attempt) + " It does not say whether the message was shown."};
  }
  return {"failed", "Not delivered. " + describe_failure(outcome)};
}

}  // namespace tocsin::api
