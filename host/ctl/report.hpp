// The daemon's answers as text for people. Pure: JSON in, lines out; text of others comes out printable.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "ctl/console.hpp"

namespace tocsin::ctl {

// "evt_… accepted, 2 deliveries: ops, siem".
[[nodiscard]] std::string describe_pushed(const boost::json::value& pushed);
// An event, its deliveries, their attempts.
[[nodiscard]] std::string describe_event(const boost::json::value& event);
// Which subscriptions, rules and defaults matched, and why the others did not.
[[nodiscard]] std::string describe_explanation(const boost::json::value& explanation);
// A page of the delivery log as a table.
[[nodiscard]] std::string describe_deliveries(const boost::json::value& page);
// Channels and how they are, as a table.
[[nodiscard]] std::string describe_channels(const boost::json::value& page);
[[nodiscard]] std::string describe_rules(const boost::json::value& page);
[[nodiscard]] std::string describe_silences(const boost::json::value& page);
// One that was made.
[[nodiscard]] std::string describe_silence(const boost::json::value& silence);
[[nodiscard]] std::string describe_audit(const boost::json::value& page);
// How a channel's test went.
[[nodiscard]] std::string describe_test(const boost::json::value& report);
// Loaded plugins, those that are not and why, and the channels.
[[nodiscard]] std::string describe_plugins(const boost::json::value& plugins);

// Rows of equally many cells as aligned columns.
[[nodiscard]] std::string render_table(const std::vector<std::vector<std::string>>& rows);

// One of these on the console's output; the document itself where it is to be JSON.
void print(const boost::json::value& value, std::string (*describe)(const boost::json::value&),
           Console& console);

}  // namespace tocsin::ctl
