// What a plugin asks the host to send, from the ABI's struct to the egress engine's: checked field by field,
// secrets swapped in, and only towards the targets it was granted. Sends nothing itself.
#pragma once

#include <tocsin/ext/http.h>

#include <span>
#include <string>

#include "net/exchange.hpp"
#include "security/secret_vault.hpp"

namespace tocsin::plugin {

struct HttpRequest {
  net::ExchangeRequest exchange;
  bool has_secrets = false;  // some token was swapped: the answer may echo a value
  std::string credentials;   // base64 of user:password, where it was built here
  std::string unsendable;    // TOCSIN_IO_BAD_REQUEST: what the secrets made of it
};

// TOCSIN_OK, or the refusal that submit() answers. `egress` is what this instance may reach.
[[nodiscard]] tocsin_status read_http_request(const tocsin_http_request* request,
                                              const security::SecretVault& vault, std::uint64_t owner,
                                              std::span<const std::string> egress, HttpRequest& out);

}  // namespace tocsin::plugin
