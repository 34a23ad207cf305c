// Reading the daemon's answers leniently: a member that is absent or of another type is empty, so that an
// older command still shows what a newer daemon says.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace tocsin::ctl {

[[nodiscard]] const boost::json::value* find_field(const boost::json::value& object, std::string_view name);
[[nodiscard]] std::string text_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] std::int64_t number_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] bool flag_of(const boost::json::value& object, std::string_view name);
[[nodiscard]] const boost::json::array& items_of(const boost::json::value& object, std::string_view name);
// The strings of an array, joined by ", ".
[[nodiscard]] std::string joined(const boost::json::value& object, std::string_view name);

}  // namespace tocsin::ctl
