// See reply.hpp. The tables are what large providers answer; the rest is RFC 5321, 3463 and 4954.
#include "reply.hpp"

#include <algorithm>
#include <array>
#include <tocsin/cpp/wording.hpp>

namespace smtp {
namespace {

struct Row {
  std::string_view enhanced;  // as it is, or "5.6." for all below
  int status;
  std::string_view code, sentence;
};

constexpr std::string_view kOauth =
    "the provider takes no passwords for sending mail; use sign-in xoauth2 with an access token";

constexpr std::array<Row, 34> kRows{{
    {"4.2.1", TOCSIN_RATE_LIMITED, "mailbox_busy", "the mailbox takes mail too quickly"},
    {"4.7.28", TOCSIN_RATE_LIMITED, "rate", "the server finds the rate of mail unusual"},
    {"4.3.2", TOCSIN_RETRY, "closing", "the server is closing its connections"},
    {"5.1.0", TOCSIN_UNREACHABLE, "address_refused", "the server refuses the address"},
    {"5.1.1", TOCSIN_UNREACHABLE, "mailbox_unknown", "there is no such mailbox"},
    {"5.1.2", TOCSIN_UNREACHABLE, "domain_unknown", "there is no such mail domain"},
    {"5.1.3", TOCSIN_UNREACHABLE, "address_refused", "the server refuses the address"},
    {"5.1.6", TOCSIN_UNREACHABLE, "mailbox_moved", "the mailbox has moved"},
    {"5.1.7", TOCSIN_MISCONFIGURED, "sender_refused",
     "the server refuses the sender's address; change \"from\""},
    {"5.1.8", TOCSIN_MISCONFIGURED, "sender_refused",
     "the server refuses the sender's domain; change \"from\""},
    {"5.1.10", TOCSIN_UNREACHABLE, "no_mail", "the domain takes no mail"},
    {"5.2.1", TOCSIN_UNREACHABLE, "mailbox_disabled", "the mailbox is disabled"},
    {"5.2.2", TOCSIN_RETRY, "mailbox_full", "the mailbox is full"},
    {"5.2.3", TOCSIN_REJECTED, "too_large", "the message is too large for the mailbox"},
    {"5.3.4", TOCSIN_REJECTED, "too_large", "the message is too large for the server"},
    {"5.4.1", TOCSIN_UNREACHABLE, "refused", "the recipient's server refuses the address"},
    {"5.4.4", TOCSIN_UNREACHABLE, "domain_unknown", "the server finds no way to the domain"},
    {"5.4.5", TOCSIN_RATE_LIMITED, "daily_limit", "the account has sent its mails for today"},
    {"5.4.6", TOCSIN_REJECTED, "loop", "the server sees a loop"},
    {"5.5.3", TOCSIN_RETRY, "too_many_recipients", "the server takes fewer recipients at once"},
    {"5.5.4", TOCSIN_REJECTED, "syntax", "the server does not understand a parameter"},
    {"5.6.", TOCSIN_REJECTED, "content", "the server refuses the message's content"},
    {"5.7.0", TOCSIN_MISCONFIGURED, "sign_in_needed",
     "the server asks for another sign-in; check user name and password"},
    {"5.7.3", TOCSIN_MISCONFIGURED, "sign_in_needed",
     "the server asks for another sign-in; check user name and password"},
    {"5.7.8", TOCSIN_MISCONFIGURED, "sign_in_refused", "the server refuses user name or password"},
    {"5.7.9", TOCSIN_MISCONFIGURED, "app_password",
     "the provider asks for an app password; make one in the account's security settings"},
    {"5.7.11", TOCSIN_MISCONFIGURED, "encryption_needed",
     "the server signs nobody in without TLS; set security to starttls or implicit"},
    {"5.7.14", TOCSIN_MISCONFIGURED, "sign_in_refused",
     "the provider blocked the sign-in; look into the account"},
    {"5.7.26", TOCSIN_MISCONFIGURED, "sender_unproven",
     "the sender's domain has no SPF or DKIM that covers this server"},
    {"5.7.30", TOCSIN_MISCONFIGURED, "oauth_needed", kOauth},
    {"5.7.57", TOCSIN_MISCONFIGURED, "sign_in_needed",
     "the server asks for a sign-in; add user name and password"},
    {"5.7.60", TOCSIN_MISCONFIGURED, "sender_refused",
     "the account may not send as this sender; change \"from\""},
    {"5.7.139", TOCSIN_MISCONFIGURED, "oauth_needed", kOauth},
    {"4.7.12", TOCSIN_MISCONFIGURED, "password_change", "the account needs its password changed"},
}};

const Row* find_row(std::string_view enhanced) {
  const auto* found = std::find_if(kRows.begin(), kRows.end(), [&](const Row& row) {
    return row.enhanced.ends_with('.') ? enhanced.starts_with(row.enhanced) : row.enhanced == enhanced;
  });
  return found == kRows.end() ? nullptr : found;
}

// "550 5.1.1": what an admin can look up. The server's own words stay in the attempt's response.
std::string with_code(std::string_view sentence, const tocsin::smtp_answer& answer) {
  std::string out(sentence);
  if (answer.code == 0) return out;
  out += " (" + std::to_string(answer.code);
  if (!answer.enhanced.empty()) out += ' ' + std::string(answer.enhanced);
  return out + ')';
}

Verdict verdict(int status, std::string_view code, std::string_view sentence,
                const tocsin::smtp_answer& answer) {
  return {status, std::string(code), with_code(sentence, answer)};
}

Verdict by_io(std::uint32_t io_error, bool request_sent, const tocsin::smtp_answer& answer) {
  if (answer.stage == TOCSIN_SMTP_AT_DOT && request_sent) {
    return {TOCSIN_UNCERTAIN, "no_final_answer",
            "the message was sent and no answer came, so the server may have taken it; it is sent again with "
            "the same Message-ID"};
  }
  const tocsin::io_words words = tocsin::describe_io(io_error);
  int status = TOCSIN_RETRY;
  if (io_error == TOCSIN_IO_CERTIFICATE || io_error == TOCSIN_IO_BLOCKED || io_error == TOCSIN_IO_BAD_REQUEST)
    status = TOCSIN_MISCONFIGURED;
  return {status, std::string(words.code), std::string(words.sentence)};
}

Verdict by_auth(const tocsin::smtp_answer& answer) {
  if (answer.code == 0)
    return verdict(TOCSIN_MISCONFIGURED, "no_sign_in",
                   "the server offers no sign-in that can be used (PLAIN, LOGIN or XOAUTH2), so nothing was "
                   "sent; set auth to none if it needs none",
                   answer);
  if (answer.code == 432 && answer.enhanced != "4.7.12")
    return verdict(TOCSIN_RATE_LIMITED, "connections", "the server allows fewer connections", answer);
  if (const Row* row = find_row(answer.enhanced); row != nullptr && row->status == TOCSIN_MISCONFIGURED)
    return verdict(row->status, row->code, row->sentence, answer);
  if (answer.code < 500)
    return verdict(TOCSIN_RETRY, "sign_in_later", "the server cannot sign in now", answer);
  return verdict(TOCSIN_MISCONFIGURED, "sign_in_refused", "the server refuses user name or password", answer);
}

// Before any mail: nothing of it depends on the recipient.
Verdict by_opening(const tocsin::smtp_answer& answer) {
  switch (answer.stage) {
    case TOCSIN_SMTP_AT_TLS:
      if (answer.code >= 400 && answer.code < 500)
        return verdict(TOCSIN_RETRY, "tls_later", "the server cannot begin TLS now", answer);
      return verdict(TOCSIN_MISCONFIGURED, "no_tls",
                     "the server offers no STARTTLS, and nothing is sent without; check server and port",
                     answer);
    case TOCSIN_SMTP_AT_AUTH:
      return by_auth(answer);
    case TOCSIN_SMTP_AT_EHLO:
      if (answer.code >= 500)
        return verdict(TOCSIN_MISCONFIGURED, "greeting_refused",
                       "the server refuses our greeting; it may ask for another name (ehlo)", answer);
      [[fallthrough]];
    default:
      return verdict(TOCSIN_RETRY, "unavailable", "the server takes no mail now", answer);
  }
}

Verdict by_digit(const tocsin::smtp_answer& answer) {
  if (answer.code < 500) return verdict(TOCSIN_RETRY, "later", "the server asks to try later", answer);
  if (answer.code == 530 || answer.code == 535 || answer.code == 534)
    return verdict(TOCSIN_MISCONFIGURED, "sign_in_needed", "the server asks for another sign-in", answer);
  switch (answer.stage) {
    case TOCSIN_SMTP_AT_MAIL:
      return verdict(TOCSIN_MISCONFIGURED, "sender_refused", "the server refuses the sender; check \"from\"",
                     answer);
    case TOCSIN_SMTP_AT_RCPT:
      return verdict(TOCSIN_UNREACHABLE, "recipient_refused", "the server refuses the recipient", answer);
    case TOCSIN_SMTP_AT_DATA:  // "no valid recipients"
      return verdict(TOCSIN_UNREACHABLE, "recipient_refused", "the server sees no valid recipient", answer);
    default:
      return verdict(TOCSIN_REJECTED, "message_refused", "the server refuses the message", answer);
  }
}

}  // namespace

bool concerns_recipient(const tocsin::smtp_answer& answer, std::uint32_t io_error) {
  return io_error == TOCSIN_IO_OK && answer.stage >= TOCSIN_SMTP_AT_RCPT && answer.code != 421;
}

Verdict judge(std::uint32_t io_error, bool request_sent, const tocsin::smtp_answer& answer) {
  if (io_error != TOCSIN_IO_OK) return by_io(io_error, request_sent, answer);
  if (answer.stage == TOCSIN_SMTP_DONE && answer.code >= 200 && answer.code < 300)
    return {TOCSIN_DELIVERED, "", ""};
  if (answer.stage < TOCSIN_SMTP_AT_MAIL) return by_opening(answer);
  if (answer.code == 0) return by_io(TOCSIN_IO_CLOSED, request_sent, answer);
  // Provider's exceptions to their own digits.
  if (answer.code == 421 && answer.enhanced.starts_with("4.7."))
    return verdict(TOCSIN_RATE_LIMITED, "rate", "the server asks for fewer mails", answer);
  if (answer.enhanced == "5.7.1") {
    return answer.stage >= TOCSIN_SMTP_AT_DATA
               ? verdict(TOCSIN_REJECTED, "message_refused", "the server refuses the message", answer)
               : verdict(TOCSIN_MISCONFIGURED, "policy",
                         "the server refuses mail from here; ask whoever runs it", answer);
  }
  if (const Row* row = find_row(answer.enhanced))
    return verdict(row->status, row->code, row->sentence, answer);
  return by_digit(answer);
}

}  // namespace smtp
