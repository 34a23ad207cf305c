// What mail a plugin asks the host to send, from the ABI's struct to the egress engine's: checked field by
// field, the password's token swapped for the value, and only towards the servers it was granted. Sends
// nothing itself.
#pragma once

#include <tocsin/ext/smtp.h>

#include <span>
#include <string>
#include <vector>

#include "net/mail.hpp"
#include "security/secret_vault.hpp"

namespace tocsin::plugin {

struct MailGrants {
  std::uint64_t owner = 0;              // of the secrets
  std::span<const std::string> egress;  // "host:port" this instance may reach
  bool without_tls = false;
};

struct MailToSend {
  net::MailRequest request;
  std::vector<std::string> credentials;  // in the forms that go over the wire
};

// TOCSIN_OK, or the refusal that submit() answers.
[[nodiscard]] tocsin_status read_mail_request(const tocsin_smtp_mail* mail,
                                              const security::SecretVault& vault, const MailGrants& grants,
                                              MailToSend& out);
// The same for check(), which looks at the server, the port, the protection and the password only; `text` is
// then a sentence for the admin.
[[nodiscard]] tocsin_status check_mail_request(const tocsin_smtp_mail* mail,
                                               const security::SecretVault& vault, const MailGrants& grants,
                                               const security::AddressPolicy& policy, std::string& text);

}  // namespace tocsin::plugin
