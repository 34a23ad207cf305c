// The memory of one HTTP exchange or mail of a plugin, reused by the next. What happens to it is in
// instance_exchanges.cpp; what is particular to mail in instance_mails.cpp.
#pragma once

#include <tocsin/ext/http.h>
#include <tocsin/ext/smtp.h>

#include <memory>
#include <string>
#include <vector>

#include "net/exchange.hpp"
#include "plugin/live_deliveries.hpp"

namespace tocsin::plugin {

class Instance;

// Two may hold it: the engine until it has answered, and the task that gives
// the plugin its answer.
struct Exchange {
  std::shared_ptr<Instance> owner;  // while the engine has it
  Handle delivery = 0;
  void* user = nullptr;
  std::vector<std::string> credentials;  // as they went out, beside the secrets' own values
  bool has_secrets = false;
  bool answered = false;  // the answer, or a cancellation, is on its way to the plugin
  int holders = 0;        // 0: free

  tocsin_http_fn callback = nullptr;
  net::ExchangeResponse response;
  std::vector<tocsin_kv> fields;

  tocsin_smtp_fn mail_callback = nullptr;  // set: it is a mail
  net::MailReply mail;
  std::vector<std::string> recipients;
};

}  // namespace tocsin::plugin
