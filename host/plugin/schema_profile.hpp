// Which JSON Schemas a plugin may bring: the part of draft-07 that a form can be drawn from and that the host
// checks to the letter. Anything else is refused when the plugin is loaded, not when a team saves settings.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace tocsin::plugin {

inline constexpr std::size_t kMaxSchemaBytes = 64 * 1024;
inline constexpr std::size_t kMaxSchemaDepth = 8;

// "" where `schema` is in the profile; else one sentence with the JSON pointer of what is not.
[[nodiscard]] std::string schema_fault(const boost::json::object& schema);

}  // namespace tocsin::plugin
