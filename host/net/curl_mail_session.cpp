// See curl_mail_session.hpp. Every path out of a mail leads through finish() or connection_lost(), after
// which nothing of the session is touched: its keeper may have given it the next mail.
#include "net/curl_mail_session.hpp"

#include <strings.h>

#include <algorithm>

#include "net/curl_set.hpp"

namespace tocsin::net {
namespace {

constexpr std::int64_t kConnectTimeUs = 10'000'000;
constexpr std::size_t kMostUnread = 2048;  // of one line
constexpr std::size_t kChunk = 64 << 10;
constexpr int kMostChunks = 16;  // at a time, so that a large mail does not hold up the thread
constexpr const char* kNoMailTls = "mail without TLS is not allowed";

bool is_final(int code) {  // what libcurl says where a server's refusal or lack of an offer ended it
  return code == CURLE_USE_SSL_FAILED || code == CURLE_LOGIN_DENIED || code == CURLE_REMOTE_ACCESS_DENIED;
}

std::string percent_encoded(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '[' || c == ']' || c == ':') {
      out += c == '[' ? "%5B" : c == ']' ? "%5D" : "%3A";
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace

struct MailSession::Callbacks {
  static std::size_t take_line(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& self = *static_cast<MailSession*>(user);
    std::string_view line(bytes, count);
    while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
    // The policy may have changed since the socket was opened; nothing of ours is said before this.
    if (!self.handshake_.heard() && self.peer_refused()) return 0;
    self.end_.flooded = !self.handshake_.take_line(line);
    return self.end_.flooded ? 0 : count;
  }
};

MailSession::~MailSession() {
  close();
  ::explicit_bzero(identity_.password.data(), identity_.password.size());
}

MailSession::Identity MailSession::identity_of(const MailRequest& request) {
  return {request.pool, request.server,     request.user,     request.password,
          request.ehlo, mail_port(request), request.security, request.auth};
}

bool MailSession::fits(const MailRequest& request) const {
  return current() && identity_ == identity_of(request) && refusal(address_, identity_.port) == nullptr;
}

const char* MailSession::refusal(const security::Address& address, std::uint16_t port) const {
  const auto& policy = context_.options.policy;
  if (const char* why = policy.refusal(address)) return why;
  if (!is_mail_port(port) && !policy.opened(address)) return "port not allowed";
  if (identity_.security == MailSecurity::kClear && !context_.options.mail_without_tls) return kNoMailTls;
  return nullptr;
}

void MailSession::note_peer() {
  const char* ip = nullptr;
  long port = 0;
  curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &ip);
  curl_easy_getinfo(easy_, CURLINFO_PRIMARY_PORT, &port);
  const auto address = ip == nullptr ? std::nullopt : security::parse_address(ip);
  if (!address) return;
  address_ = *address;
  has_address_ = true;
  remote_address_ = name_peer(*address, static_cast<int>(port));
}

bool MailSession::peer_refused() {
  note_peer();
  if (end_.refusal == nullptr) {  // of another of the name's addresses
    end_.refusal = has_address_ ? refusal(address_, identity_.port) : "not an internet address";
  }
  return end_.refusal != nullptr;
}

void MailSession::apply_options() {
  static_cast<void>(renew());
  const MailRequest& request = pending_.mail->request;
  const bool implicit = request.security == MailSecurity::kImplicitTls;
  const bool v6 = request.server.find(':') != std::string::npos;
  const std::string url = std::string(implicit ? "smtps://" : "smtp://") +
                          (v6 ? '[' + request.server + ']' : request.server) + ':' +
                          std::to_string(identity_.port) + '/' + percent_encoded(request.ehlo);
  set(easy_, CURLOPT_PRIVATE, this);
  set(easy_, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(easy_, CURLOPT_URL, url.c_str());
  set(easy_, CURLOPT_CONNECT_ONLY, 1L);
  set(easy_, CURLOPT_FRESH_CONNECT, 1L);
  const bool clear = request.security == MailSecurity::kClear;
  set(easy_, CURLOPT_USE_SSL, static_cast<long>(clear ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  set(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::take_line);
  set(easy_, CURLOPT_HEADERDATA, this);
  const std::int64_t left_ms = std::max<std::int64_t>(1, (pending_.deadline_us - started_us_ + 999) / 1000);
  // The keeper's timers come first. To libcurl connecting ends with AUTH, so time_out() gives it longer once
  // TCP stands; what it has until then it divides among the server's addresses.
  set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::min(left_ms, kConnectTimeUs / 1000) + 1000));
  set(easy_, CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(left_ms / 1000 + 2));
  if (request.auth == MailAuth::kNone) return;
  set(easy_, CURLOPT_USERNAME, request.user.c_str());
  if (request.auth == MailAuth::kXoauth2) {
    set(easy_, CURLOPT_XOAUTH2_BEARER, request.password.c_str());
    set(easy_, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
  } else {
    // libcurl would rather take DIGEST-MD5 and CRAM-MD5, and give up where the server then refuses them.
    set(easy_, CURLOPT_PASSWORD, request.password.c_str());
    set(easy_, CURLOPT_LOGIN_OPTIONS, "AUTH=PLAIN;AUTH=LOGIN");
  }
}

bool MailSession::connect(PendingExchange pending, void* multi, std::int64_t now_us) {
  pending_ = std::move(pending);
  started_us_ = now_us;
  MailRequest& request = pending_.mail->request;
  identity_ = identity_of(request);
  handshake_.begin(request.security, request.auth);
  apply_options();
  if (curl_multi_add_handle(multi, easy_) != CURLM_OK) return false;
  multi_ = multi;
  return true;
}

void MailSession::send(PendingExchange pending, std::int64_t now_us) {
  pending_ = std::move(pending);
  started_us_ = now_us;
  reused_ = true;
  begin_dialogue();
}

std::int64_t MailSession::first_due_us() const {
  return fd_ >= 0 ? pending_.deadline_us : std::min(pending_.deadline_us, started_us_ + kConnectTimeUs);
}

void MailSession::connected(int code) {
  if (code != CURLE_OK) return fail_connecting(code);
  curl_socket_t fd = CURL_SOCKET_BAD;
  curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &fd);
  fd_ = fd;
  if (handshake_.stage() != MailStage::kMail) {
    // Without an offer of AUTH libcurl says nothing and would go on as nobody.
    return fail_connecting(CURLE_LOGIN_DENIED);
  }
  if (!pending_.mail->request.verify_only) return begin_dialogue();
  MailReply reply;
  reply.stage = MailStage::kDone;
  reply.reply = handshake_.last();
  finish(std::move(reply), true);
}

void MailSession::fail_connecting(int code) {
  note_end(code);
  note_peer();
  curl_off_t encrypted = 0;
  curl_easy_getinfo(easy_, CURLINFO_APPCONNECT_TIME_T, &encrypted);
  const bool implicit = identity_.security == MailSecurity::kImplicitTls;
  end_.connected = handshake_.stage() != MailStage::kTls &&
                   (handshake_.heard() || (end_.handshake && (!implicit || encrypted > 0)));
  MailReply reply;
  reply.stage = handshake_.stage();
  reply.reply = handshake_.refusal();
  const bool refused = reply.reply.code != 0 && code == CURLE_WEIRD_SERVER_REPLY;
  if (end_.refusal != nullptr || !(is_final(code) || refused)) {
    const Failure failure = judge_end(end_);
    reply.error = failure.error;
    reply.reason = failure.reason;
    reply.reply = {};
    if (failure.error == IoError::kTls || failure.error == IoError::kCertificate) {
      reply.stage = MailStage::kTls;
    }
    if (failure.error == IoError::kProtocol) {
      reply.reason = end_.flooded ? "the server answers without end" : "the answer is not SMTP";
    }
  }
  finish(std::move(reply), false);
}

void MailSession::begin_dialogue() {
  if (peer_refused()) {
    MailReply reply;
    reply.error = IoError::kBlocked;
    reply.reason = end_.refusal;
    reply.stage = MailStage::kMail;
    return finish(std::move(reply), false);
  }
  MailRequest& request = pending_.mail->request;
  content_sent_ = send_failed_ = false;
  // begin() tells the server the size before the dots are in.
  const auto step = dialogue_.begin(request, handshake_.offers(), needs_reset_);
  needs_reset_ = false;
  content_ = request.bytes;
  end_with_dot(content_);
  act(step);
}

void MailSession::act(MailDialogue::Step step) {
  switch (step) {
    case MailDialogue::Step::kCommand:
      return say(dialogue_.command());
    case MailDialogue::Step::kContent:
      content_sent_ = true;
      return say(content_);
    case MailDialogue::Step::kOver:
    case MailDialogue::Step::kDrop:
      needs_reset_ = dialogue_.needs_reset();
      MailReply reply;
      dialogue_.report(reply);
      return finish(std::move(reply), step == MailDialogue::Step::kOver);
  }
}

void MailSession::say(std::string_view bytes) {
  out_ = bytes;
  flush();
}

void MailSession::flush() {
  for (int chunk = 0; !out_.empty() && chunk < kMostChunks; ++chunk) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(easy_, out_.data(), std::min(out_.size(), kChunk), &sent);
    if (code == CURLE_AGAIN) break;
    if (code != CURLE_OK) {
      send_failed_ = true;  // the server may have said why
      context_.watch.want(fd_, true, false, this);
      return read();
    }
    out_.remove_prefix(sent);
  }
  const bool more = !out_.empty();
  if (more != waits_to_write_ || !more) context_.watch.want(fd_, true, more, this);
  waits_to_write_ = more;
}

void MailSession::on_ready(int, bool readable, bool writable) {
  const PendingMail* const mail = pending_.mail.get();
  if (writable && !out_.empty()) flush();
  // A mail may have ended in flush(), and another begun.
  if (readable && multi_ != nullptr && mail == pending_.mail.get()) read();
}

void MailSession::read() {
  const PendingMail* const mail = pending_.mail.get();
  char bytes[8192];
  while (multi_ != nullptr && mail == pending_.mail.get()) {
    std::size_t count = 0;
    const CURLcode code = curl_easy_recv(easy_, bytes, sizeof bytes, &count);
    if (code == CURLE_AGAIN) {
      if (send_failed_) lost();
      return;
    }
    if (mail == nullptr || code != CURLE_OK || count == 0) return lost();
    in_.append(bytes, count);
    if (!take_lines()) return;
  }
}

// False: the mail ended.
bool MailSession::take_lines() {
  const PendingMail* const mail = pending_.mail.get();
  for (auto end = in_.find('\n'); end != in_.npos; end = in_.find('\n')) {
    const auto got =
        reader_.take_line(std::string_view(in_).substr(0, end > 0 && in_[end - 1] == '\r' ? end - 1 : end));
    in_.erase(0, end + 1);
    if (got == SmtpReplyReader::Got::kFault) {
      break_off(IoError::kProtocol, "the answer is not SMTP");
      return false;
    }
    if (got == SmtpReplyReader::Got::kMore) continue;
    // An answer to what was not asked would be taken for that to the next recipient's.
    if (!in_.empty() && !in_.starts_with("421")) {
      break_off(IoError::kProtocol, "the server answers more than it was asked");
      return false;
    }
    take_reply(reader_.take_reply());
    if (multi_ == nullptr || mail != pending_.mail.get()) return false;
  }
  if (in_.size() <= kMostUnread) return true;
  break_off(IoError::kProtocol, "the answer is not SMTP");
  return false;
}

void MailSession::take_reply(SmtpReply reply) {
  if (reused_ && dialogue_.unheard()) {
    const bool resetting = dialogue_.command().starts_with("RSET") && reply.code >= 400;
    if (reply.code == 421 || resetting) return keeper_.connection_lost(*this);
  }
  if (out_.empty() && !send_failed_) return act(dialogue_.take_reply(std::move(reply)));
  if (!dialogue_.take_early_reply(std::move(reply))) {
    return break_off(IoError::kProtocol, "the server took a message that it had not got");
  }
  act(MailDialogue::Step::kDrop);
}

void MailSession::lost() {
  if (!busy() || (reused_ && dialogue_.unheard())) return keeper_.connection_lost(*this);
  break_off(IoError::kClosed, "the connection was closed before the answer was whole");
}

void MailSession::break_off(IoError error, const char* reason) {
  dialogue_.break_off();
  MailReply reply;
  dialogue_.report(reply);
  reply.error = error;
  reply.reason = reason;
  finish(std::move(reply), false);
}

std::int64_t MailSession::time_out(std::int64_t now_us) {
  if (fd_ < 0) {
    const char* peer = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &peer);
    const bool stands = peer != nullptr && *peer != '\0';
    if (stands && now_us < pending_.deadline_us) {
      const std::int64_t all_ms = (pending_.deadline_us - started_us_) / 1000;
      set(easy_, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(all_ms + 1000));
      return pending_.deadline_us;
    }
    fail_connecting(CURLE_OPERATION_TIMEDOUT);
  } else {
    break_off(IoError::kTimeout, "no whole answer within the time");
  }
  return 0;
}

void MailSession::cancel() {
  if (fd_ >= 0 && !pending_.mail->request.verify_only) {
    return break_off(IoError::kCancelled, "the host stops");
  }
  MailReply reply;
  reply.error = IoError::kCancelled;
  reply.reason = "the host stops";
  reply.stage = handshake_.stage();
  finish(std::move(reply), false);
}

void MailSession::refuse_everyone(MailReply& reply) const {
  const MailRequest& request = pending_.mail->request;
  if (request.verify_only || !reply.recipients.empty()) return;
  reply.recipients.assign(request.recipients.size(), {reply.stage, reply.reply});
}

void MailSession::finish(MailReply reply, bool usable) {
  refuse_everyone(reply);
  reply.content_sent = content_sent_;
  reply.remote_address = remote_address_;
  out_ = {};
  in_.clear();
  content_.clear();
  if (content_.capacity() > kChunk) content_.shrink_to_fit();
  if (usable && fd_ >= 0) context_.watch.want(fd_, true, false, this);
  keeper_.mail_ended(*this, std::move(reply), usable);
}

PendingExchange MailSession::take_pending() {
  return std::exchange(pending_, {});
}

void MailSession::close() {
  if (multi_ == nullptr) return;
  if (fd_ >= 0 && out_.empty()) {
    std::size_t sent = 0;
    static_cast<void>(curl_easy_send(easy_, "QUIT\r\n", 6, &sent));
  }
  curl_multi_remove_handle(std::exchange(multi_, nullptr), easy_);
  fd_ = -1;
}

}  // namespace tocsin::net
