// What is said with a mail server, without a socket: lines become replies, replies become the next command
// and each recipient's result. Connecting, TLS and authentication are libcurl's words, which MailHandshake
// only listens to; from MAIL on they are MailDialogue's own. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "net/mail.hpp"

namespace tocsin::net {

// Puts the lines of one reply together, within bounds.
class SmtpReplyReader {
 public:
  enum class Got : std::uint8_t { kMore, kReply, kFault };
  // `line` without its CRLF. kFault: not a line of SMTP, too long, or one of too many.
  [[nodiscard]] Got take_line(std::string_view line);
  // After kReply.
  [[nodiscard]] SmtpReply take_reply();

 private:
  SmtpReply reply_;
  std::size_t lines_ = 0;
};

// What the server said it can do, after TLS where there is TLS.
struct ServerOffers {
  bool starttls = false;
  bool size = false;
  bool smtputf8 = false;
};

class MailHandshake {
 public:
  void begin(MailSecurity security, MailAuth auth);
  // A line the server sent, in the order they come. False: it sends without end, give up.
  [[nodiscard]] bool take_line(std::string_view line);

  // Where it stands: kConnect to kAuth, and kMail once everything that was asked for is done.
  [[nodiscard]] MailStage stage() const;
  // The refusal that ended it; code 0 where the server refused nothing (or did not offer what was needed).
  [[nodiscard]] SmtpReply refusal() const;
  [[nodiscard]] const SmtpReply& last() const { return last_; }
  [[nodiscard]] const ServerOffers& offers() const { return offers_; }
  [[nodiscard]] bool heard() const { return lines_ > 0; }

 private:
  enum class State : std::uint8_t { kGreeting, kEhlo, kStartTls, kTls, kAuth, kReady };
  void take_offer(std::string_view line);
  void take_reply(SmtpReply reply);

  MailSecurity security_ = MailSecurity::kStartTls;
  MailAuth auth_ = MailAuth::kNone;
  State state_ = State::kGreeting;
  bool encrypted_ = false;
  SmtpReplyReader reader_;
  SmtpReply last_;
  ServerOffers offers_;
  std::size_t lines_ = 0;
};

// The transactions of one mail, one recipient after the other. The request must outlive it.
class MailDialogue {
 public:
  enum class Step : std::uint8_t {
    kCommand,  // send command()
    kContent,  // send the message
    kOver,     // all is said; the connection can be used again
    kDrop,     // all is said; close the connection
  };
  // `reset`: the last dialogue on this connection left a transaction open.
  [[nodiscard]] Step begin(const MailRequest& request, const ServerOffers& offers, bool reset);
  [[nodiscard]] Step take_reply(SmtpReply reply);
  // The server answered before it had the whole message: its refusal is for this recipient, and the rest
  // cannot follow on this connection. False: it took what it had not got, which is no SMTP.
  [[nodiscard]] bool take_early_reply(SmtpReply reply);
  // The connection is gone or the time is up: what is not answered stays so.
  void break_off();

  [[nodiscard]] const std::string& command() const { return command_; }
  [[nodiscard]] MailStage stage() const;
  [[nodiscard]] bool needs_reset() const { return needs_reset_; }
  // True until the first answer: on a connection that was used before, its end then says nothing of this
  // mail.
  [[nodiscard]] bool unheard() const { return !heard_; }
  [[nodiscard]] bool at_dot() const { return state_ == State::kDot; }
  // Fills in stage, reply and recipients. Once.
  void report(MailReply& out);

 private:
  enum class State : std::uint8_t { kReset, kMail, kRcpt, kData, kDot };
  [[nodiscard]] Step say_mail();
  [[nodiscard]] Step next_recipient();
  [[nodiscard]] Step refuse_all(SmtpReply reply);
  void settle(MailStage stage, SmtpReply reply);

  const MailRequest* request_ = nullptr;
  ServerOffers offers_;
  State state_ = State::kMail;
  std::string command_;
  std::vector<RecipientReply> results_;
  std::size_t at_ = 0;  // the recipient whose turn it is
  bool needs_reset_ = false;
  bool heard_ = false;
  bool any_done_ = false;
  bool broken_ = false;
  SmtpReply last_;
  MailStage last_stage_ = MailStage::kMail;
};

}  // namespace tocsin::net
