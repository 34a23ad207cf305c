// One connection to a mail server and the mails that go over it, one after the other. libcurl connects, does
// TLS and authenticates (CURLOPT_CONNECT_ONLY); from there on the connection is ours, and libcurl only
// carries bytes. Its own SMTP would hide recipients' answers, close after each refusal, and wait for the
// answer to QUIT with the whole egress thread. [egress]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/curl_handle.hpp"
#include "net/exchange_queue.hpp"
#include "net/mail_dialogue.hpp"

namespace tocsin::net {

class MailSession final : public CurlHandle, public SocketOwner {
 public:
  // Who keeps it, and decides what becomes of it.
  class Keeper {
   public:
    // `usable`: the connection may take another mail. Take the mail out with take_pending().
    virtual void mail_ended(MailSession& session, MailReply reply, bool usable) = 0;
    // The server closed it between two mails, perhaps just before it got the pending one.
    virtual void connection_lost(MailSession& session) = 0;

   protected:
    ~Keeper() = default;
  };

  MailSession(EgressContext& context, Keeper& keeper) : CurlHandle(context), keeper_(keeper) {}
  ~MailSession() override;

  // The first mail. Connects in `multi`; false: not enough memory.
  [[nodiscard]] bool connect(PendingExchange pending, void* multi, std::int64_t now_us);
  // A further mail of the same sender to the same server.
  void send(PendingExchange pending, std::int64_t now_us);
  // True where this idle connection was made for exactly such mail, under the policy in force.
  [[nodiscard]] bool fits(const MailRequest& request) const;
  // libcurl is done with connecting, or gave it up.
  void connected(int code);
  void on_ready(int fd, bool readable, bool writable) override;
  // Its time is up; returns when to ask again, or 0 where the mail has ended by it.
  [[nodiscard]] std::int64_t time_out(std::int64_t now_us);
  void cancel();
  // When time_out() is due for a mail that just began.
  [[nodiscard]] std::int64_t first_due_us() const;
  // Says QUIT where it can, and closes; waits for nothing.
  void close();
  [[nodiscard]] bool busy() const { return pending_.mail != nullptr; }
  [[nodiscard]] PendingExchange take_pending();
  [[nodiscard]] std::int64_t started_us() const { return started_us_; }

  std::int64_t due_us = 0;  // the keeper's

 private:
  struct Callbacks;
  // What two mails must have in common to share a connection.
  struct Identity {
    std::uint64_t pool = 0;
    std::string server, user, password, ehlo;
    std::uint16_t port = 0;
    MailSecurity security = MailSecurity::kStartTls;
    MailAuth auth = MailAuth::kNone;
    bool operator==(const Identity&) const = default;
  };
  static Identity identity_of(const MailRequest& request);

  [[nodiscard]] const char* refusal(const security::Address& address, std::uint16_t port) const override;
  void apply_options();
  [[nodiscard]] bool peer_refused();
  void note_peer();
  void fail_connecting(int code);
  void begin_dialogue();
  void act(MailDialogue::Step step);
  void say(std::string_view bytes);
  void flush();
  void read();
  [[nodiscard]] bool take_lines();
  void take_reply(SmtpReply reply);
  void lost();
  void break_off(IoError error, const char* reason);
  void finish(MailReply reply, bool usable);
  void refuse_everyone(MailReply& reply) const;

  Keeper& keeper_;
  Identity identity_;
  PendingExchange pending_;
  void* multi_ = nullptr;  // while the handle is in it
  int fd_ = -1;            // once connected
  security::Address address_;
  bool has_address_ = false;
  MailHandshake handshake_;
  SmtpReplyReader reader_;
  MailDialogue dialogue_;
  std::string in_;
  std::string_view out_;  // what is not sent yet, of the command or of the message
  bool reused_ = false;
  bool content_sent_ = false;
  bool send_failed_ = false;
  bool waits_to_write_ = false;
  bool needs_reset_ = false;
  std::string content_;  // the message with its dots
  std::string remote_address_;
  std::int64_t started_us_ = 0;
};

}  // namespace tocsin::net
