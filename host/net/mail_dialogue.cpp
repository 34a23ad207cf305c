// See mail_dialogue.hpp. The class of a reply is that of its last line; an enhanced code that every line
// repeats is taken out of the text.
#include "net/mail_dialogue.hpp"

#include <algorithm>
#include <utility>

#include "net/header_rules.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kLongestLine = 2048;  // RFC 5321 allows 512; some servers write more
constexpr std::size_t kMostLines = 128;     // of one reply
constexpr std::size_t kMostHandshakeLines = 512;
constexpr std::size_t kKeptText = 1024;
constexpr int kClosing = 421;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool positive(const SmtpReply& reply) {
  return reply.code >= 200 && reply.code < 300;
}

// "5.1.10" at the front of `text`, followed by a blank or the end; its length, or 0.
std::size_t enhanced_length(std::string_view text) {
  if (text.size() < 5 || (text[0] != '2' && text[0] != '4' && text[0] != '5')) return 0;
  std::size_t at = 1;
  for (int part = 0; part < 2; ++part) {
    if (at >= text.size() || text[at] != '.') return 0;
    std::size_t digits = 0;
    for (++at; at < text.size() && is_digit(text[at]); ++at) ++digits;
    if (digits == 0 || digits > 3) return 0;
  }
  return at == text.size() || text[at] == ' ' ? at : 0;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

SmtpReplyReader::Got SmtpReplyReader::take_line(std::string_view line) {
  const bool coded = line.size() >= 3 && line.size() <= kLongestLine && line[0] >= '2' && line[0] <= '5' &&
                     is_digit(line[1]) && is_digit(line[2]) &&
                     (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (!coded || ++lines_ > kMostLines) return Got::kFault;
  reply_.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  const bool last = line.size() == 3 || line[3] == ' ';
  std::string_view text = line.substr(std::min<std::size_t>(4, line.size()));
  if (const std::size_t length = enhanced_length(text); length > 0) {
    reply_.enhanced = text.substr(0, length);
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  if (!reply_.text.empty() && reply_.text.size() < kKeptText) reply_.text.push_back('\n');
  reply_.text.append(text.substr(0, kKeptText - std::min(kKeptText, reply_.text.size())));
  return last ? Got::kReply : Got::kMore;
}

SmtpReply SmtpReplyReader::take_reply() {
  lines_ = 0;
  return std::exchange(reply_, {});
}

void MailHandshake::begin(MailSecurity security, MailAuth auth) {
  *this = {};
  security_ = security;
  auth_ = auth;
  encrypted_ = security == MailSecurity::kImplicitTls;
}

bool MailHandshake::take_line(std::string_view line) {
  if (++lines_ > kMostHandshakeLines || line.size() > kLongestLine) return false;
  if (state_ == State::kTls) state_ = State::kEhlo;  // said inside TLS
  if (state_ == State::kEhlo && line.size() > 4) take_offer(line.substr(4));
  switch (reader_.take_line(line)) {
    case SmtpReplyReader::Got::kMore:
      return true;
    case SmtpReplyReader::Got::kReply:
      take_reply(reader_.take_reply());
      return true;
    case SmtpReplyReader::Got::kFault:
      static_cast<void>(reader_.take_reply());  // libcurl skips what is no reply, and so do we
      return true;
  }
  return false;
}

void MailHandshake::take_offer(std::string_view line) {
  const auto word = line.substr(0, line.find(' '));
  offers_.starttls = offers_.starttls || equal_ignoring_case(word, "STARTTLS");
  offers_.size = offers_.size || equal_ignoring_case(word, "SIZE");
  offers_.smtputf8 = offers_.smtputf8 || equal_ignoring_case(word, "SMTPUTF8");
}

void MailHandshake::take_reply(SmtpReply reply) {
  last_ = reply;
  switch (state_) {
    case State::kGreeting:
      if (positive(reply)) state_ = State::kEhlo;
      return;
    case State::kEhlo:  // or HELO, where EHLO was refused
      if (!positive(reply)) return;
      if (security_ == MailSecurity::kStartTls && !encrypted_) {
        state_ = State::kStartTls;
      } else {
        state_ = auth_ == MailAuth::kNone ? State::kReady : State::kAuth;
      }
      return;
    case State::kStartTls:
      if (reply.code != 220) return;
      state_ = State::kTls;
      encrypted_ = true;
      offers_ = {};  // what was offered in the clear counts for nothing
      return;
    case State::kAuth:
      if (reply.code == 235) state_ = State::kReady;
      return;
    case State::kTls:
    case State::kReady:
      return;
  }
}

MailStage MailHandshake::stage() const {
  switch (state_) {
    case State::kGreeting:
      return MailStage::kConnect;
    case State::kEhlo:
      return MailStage::kEhlo;
    case State::kStartTls:
    case State::kTls:
      return MailStage::kTls;
    case State::kAuth:
      return MailStage::kAuth;
    case State::kReady:
      return MailStage::kMail;
  }
  return MailStage::kConnect;
}

SmtpReply MailHandshake::refusal() const {
  // A bearer token is refused with a challenge; the refusal proper would follow an answer to it.
  if (state_ == State::kAuth && last_.code == 334) return {535, "", "the server did not accept the token"};
  return last_.code >= 400 ? last_ : SmtpReply{};
}

MailDialogue::Step MailDialogue::begin(const MailRequest& request, const ServerOffers& offers, bool reset) {
  *this = {};
  request_ = &request;
  offers_ = offers;
  results_.resize(request.recipients.size());
  if (!reset) return say_mail();
  state_ = State::kReset;
  command_ = "RSET\r\n";
  return Step::kCommand;
}

MailDialogue::Step MailDialogue::say_mail() {
  const std::string& recipient = request_->recipients[at_];
  const bool ascii = is_ascii(request_->envelope_from) && is_ascii(recipient);
  if (!ascii && !offers_.smtputf8) {
    settle(MailStage::kRcpt, {553, "5.6.7", "the server takes no address outside ASCII"});
    return next_recipient();
  }
  state_ = State::kMail;
  command_ = "MAIL FROM:<" + request_->envelope_from + '>';
  if (offers_.size) command_ += " SIZE=" + std::to_string(request_->bytes.size());
  if (!ascii) command_ += " SMTPUTF8";
  command_ += "\r\n";
  return Step::kCommand;
}

void MailDialogue::settle(MailStage stage, SmtpReply reply) {
  any_done_ = any_done_ || stage == MailStage::kDone;
  if (stage == MailStage::kDone || !any_done_) {
    last_stage_ = stage;
    last_ = reply;
  }
  results_[at_] = {stage, std::move(reply)};
}

MailDialogue::Step MailDialogue::next_recipient() {
  if (++at_ == results_.size()) return Step::kOver;
  if (!needs_reset_) return say_mail();
  state_ = State::kReset;
  command_ = "RSET\r\n";
  return Step::kCommand;
}

// What was said to one is true for those whose turn has not come.
MailDialogue::Step MailDialogue::refuse_all(SmtpReply reply) {
  const bool closing = reply.code == kClosing;
  settle(stage(), reply);
  while (++at_ < results_.size()) results_[at_] = {MailStage::kMail, reply};
  return closing ? Step::kDrop : Step::kOver;
}

MailDialogue::Step MailDialogue::take_reply(SmtpReply reply) {
  heard_ = true;
  if (reply.code == kClosing) return refuse_all(std::move(reply));
  switch (state_) {
    case State::kReset:
      if (!positive(reply)) {
        static_cast<void>(refuse_all(std::move(reply)));
        return Step::kDrop;
      }
      needs_reset_ = false;
      return say_mail();
    case State::kMail:
      if (!positive(reply)) return refuse_all(std::move(reply));
      needs_reset_ = true;
      state_ = State::kRcpt;
      command_ = "RCPT TO:<" + request_->recipients[at_] + ">\r\n";
      return Step::kCommand;
    case State::kRcpt:
      if (!positive(reply)) {
        settle(MailStage::kRcpt, std::move(reply));
        return next_recipient();
      }
      state_ = State::kData;
      command_ = "DATA\r\n";
      return Step::kCommand;
    case State::kData:
      if (reply.code < 300 || reply.code >= 400) {
        settle(MailStage::kData, std::move(reply));
        return next_recipient();
      }
      state_ = State::kDot;
      return Step::kContent;
    case State::kDot:
      needs_reset_ = false;
      settle(positive(reply) ? MailStage::kDone : MailStage::kDot, std::move(reply));
      return next_recipient();
  }
  return Step::kDrop;
}

bool MailDialogue::take_early_reply(SmtpReply reply) {
  heard_ = true;
  if (reply.code < 400) return false;
  static_cast<void>(refuse_all(std::move(reply)));
  return true;
}

void MailDialogue::break_off() {
  if (at_ >= results_.size()) return;
  broken_ = true;
  results_[at_] = {stage(), {}};
}

MailStage MailDialogue::stage() const {
  switch (state_) {
    case State::kReset:
    case State::kMail:
      return MailStage::kMail;
    case State::kRcpt:
      return MailStage::kRcpt;
    case State::kData:
      return MailStage::kData;
    case State::kDot:
      return MailStage::kDot;
  }
  return MailStage::kMail;
}

void MailDialogue::report(MailReply& out) {
  out.recipients = std::move(results_);
  if (broken_) {
    out.stage = stage();
    return;
  }
  out.stage = last_stage_;
  out.reply = std::move(last_);
}

}  // namespace tocsin::net
