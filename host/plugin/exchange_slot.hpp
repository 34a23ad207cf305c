// The memory of one HTTP exchange of a plugin, reused by the next. What happens to it is in
// instance_exchanges.cpp.
#pragma once

#include <tocsin/ext/http.h>

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
  tocsin_http_fn callback = nullptr;
  void* user = nullptr;
  net::ExchangeResponse response;
  std::string credentials;
  bool has_secrets = false;
  bool answered = false;  // the answer, or a cancellation, is on its way to the plugin
  int holders = 0;        // 0: free
  std::vector<tocsin_kv> fields;
};

}  // namespace tocsin::plugin
