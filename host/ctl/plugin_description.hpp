// What a plugin's channel type provides and asks for, for people and for programs.
#pragma once

#include <boost/json/object.hpp>

#include "ctl/console.hpp"
#include "plugin/channel_type.hpp"

namespace tocsin::ctl {

[[nodiscard]] boost::json::object describe_type(const plugin::ChannelType& type);
// Of such a description.
void print_type(const boost::json::object& type, Console& console);

}  // namespace tocsin::ctl
