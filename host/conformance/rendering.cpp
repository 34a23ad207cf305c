// See rendering.hpp.
#include "conformance/rendering.hpp"

#include "conformance/rendered_text.hpp"
#include "conformance/trial.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::conformance {
namespace {

std::string_view outcome_word(int status) {
  static constexpr std::string_view kWords[] = {
      "",         "delivered",   "accepted",      "retry", "rate limited",
      "rejected", "unreachable", "misconfigured", "gone",  "uncertain"};
  return status >= TOCSIN_DELIVERED && status <= TOCSIN_UNCERTAIN ? kWords[status] : "none";
}

void write_request(RenderedText& out, const Trial& trial, const testing::sent_request& request) {
  out.line("HTTP " + (request.method.empty() ? "POST" : request.method) + ' ' +
           trial.without_tokens(request.url));
  for (const auto& [name, value] : request.headers)
    out.line("  " + name + ": " + trial.without_tokens(value));
  if (!request.basic_user.empty() || !request.basic_password.empty()) {
    out.line("  basic " + trial.without_tokens(request.basic_user) + ':' +
             trial.without_tokens(request.basic_password));
  }
  out.body(trial.without_tokens(request.body));
}

void write_mail(RenderedText& out, const Trial& trial, const testing::sent_mail& mail) {
  static constexpr std::string_view kSecurity[] = {"STARTTLS", "TLS", "no TLS"};
  out.line("MAIL by " + mail.server + ':' + std::to_string(mail.port) + ", " +
           std::string(kSecurity[std::min<std::size_t>(mail.security, 2)]));
  if (!mail.user.empty()) out.line("  as " + mail.user + ':' + trial.without_tokens(mail.password));
  out.line("  from " + mail.envelope_from);
  for (const std::string& to : mail.recipients) out.line("  to " + to);
  out.body(trial.without_tokens(mail.bytes));
}

void write_item(RenderedText& out, const testing::inbox_put& item) {
  out.line("ITEM " + item.id + (item.user.empty() ? "" : " of " + item.user));
  const auto field = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.line(std::string("  ") + name + ' ' + value);
  };
  field("severity", std::to_string(item.severity));
  field("category", std::to_string(item.category));
  field("type", item.type);
  field("source", item.source);
  field("title", item.title);
  field("summary", item.summary);
  field("link", item.link);
  out.body(item.json);
}

Result<Rendering> render(Subject& subject, const SubjectType& type, const std::string& name,
                         testing::sample_message& message) {
  if (type.samples.empty()) return type.no_sample;
  Scribe scribe(-1);
  Trial trial(subject, type, type.samples.back().settings, scribe);
  if (!trial.create()) return make_error(Errc::kInvalid, trial.pointer + ": " + trial.refusal);
  const auto* done = trial.deliver(message, name);
  RenderedText out;
  for (const auto& request : trial.host().requests) write_request(out, trial, request);
  for (const auto& mail : trial.host().mails) write_mail(out, trial, mail);
  for (const auto& item : trial.host().items) write_item(out, item);
  if (done != nullptr) {
    out.line("outcome " + std::string(outcome_word(done->status)) +
             (done->code.empty() ? "" : ", " + done->code) +
             (done->detail.empty() ? "" : ": " + done->detail));
  }
  return Rendering{type.type->type, name, out.take(), scribe.findings()};
}

}  // namespace

Result<Rendering> render_message(const CheckInput& input, const std::string& type,
                                 testing::sample_message& message) {
  auto subject = open_subject(input);
  if (!subject) return subject.error();
  if (type.empty() && (*subject)->types.size() > 1) {
    return make_error(Errc::kNotFound, "it has several channel types; name one with --type");
  }
  add_samples(**subject, input);
  for (const SubjectType& one : (*subject)->types) {
    if (type.empty() || one.type->type == type) return render(**subject, one, "the event", message);
  }
  return make_error(Errc::kNotFound, "it has no channel type \"" + type + '"');
}

Result<std::vector<Rendering>> render_corpus(const CheckInput& input) {
  auto subject = open_subject(input);
  if (!subject) return subject.error();
  add_samples(**subject, input);
  std::vector<Rendering> out;
  for (const SubjectType& type : (*subject)->types) {
    const bool digests = (type.type->flags & TOCSIN_TAKES_DIGESTS) != 0;
    for (auto& [name, message] : testing::golden_corpus(input.seed, digests)) {
      auto one = render(**subject, type, name, message);
      if (!one) return one.error();
      out.push_back(std::move(*one));
    }
  }
  return out;
}

}  // namespace tocsin::conformance
