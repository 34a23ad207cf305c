// Records as the JSON the API answers with. Written by appending: these are on the path of every request.
#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <string>
#include <vector>

#include "delivery/engine.hpp"
#include "ingest/intake.hpp"
#include "net/http_server.hpp"
#include "routing/rule_set.hpp"
#include "store/store.hpp"

namespace tocsin::api {

// ,"name":"text"
void append_text(std::string& out, std::string_view name, std::string_view text);
// ,"name":["…"]
void append_texts(std::string& out, std::string_view name, std::span<const std::string> texts);
// {"id":…,"duplicate":…,"deliveries":[{"id":…,"channel":…}]}
void append_pushed(std::string& out, const ingest::Pushed& pushed);
// An event in a list: who wants all of it asks for it by its id.
[[nodiscard]] boost::json::object summarize_event(const Event& event);
// An event with its deliveries; attempts[k] are those of deliveries[k].
[[nodiscard]] std::string render_event(const store::EventRecord& record,
                                       const std::vector<std::vector<Attempt>>& attempts);
// "findings":[…],"channels":[…]
void append_explanation(std::string& out, const routing::Explanation& explanation);
[[nodiscard]] std::string render_explanation(const store::EventRecord& record,
                                             const routing::Explanation& explanation);
// One delivery on its own, as in a list; with its attempts where `attempts` is given.
void append_delivery(std::string& out, const store::DeliveryRecord& delivery,
                     const std::vector<Attempt>* attempts);

// {"number":…,"outcome":…}
void append_attempt(std::string& out, const Attempt& attempt);
// A channel's status.
void append_channel(std::string& out, const delivery::ChannelStatus& channel);

}  // namespace tocsin::api
