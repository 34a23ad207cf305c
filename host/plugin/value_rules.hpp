// What a schema says of a value that the plugin will never see: "x-hosts", the hosts a URL may name, and
// "x-refuse", patterns with the sentence that tells an admin what to do instead. A secret is a token to its
// plugin, so these are the only checks of its own that a plugin can have of one. They are annotations: a
// plain validator passes them by, and whoever draws the form may use them too. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "security/address_policy.hpp"

namespace tocsin::plugin {

inline constexpr std::string_view kHostsKeyword = "x-hosts";
inline constexpr std::string_view kRefuseKeyword = "x-refuse";

// When a plugin is loaded: "" where `keyword` is none of the two or its value is well formed; else what is
// wrong with it.
[[nodiscard]] std::string value_rule_fault(std::string_view keyword, const boost::json::value& value);

// When settings are saved: at most one fault for each string; never a value in its text. A literal address
// that the operator opened counts as one of the hosts, for a receiver of the operator's own that speaks the
// same protocol.
[[nodiscard]] std::vector<FieldError> find_refused_values(const boost::json::object& schema,
                                                          boost::json::value& settings,
                                                          const security::AddressPolicy& policy);

}  // namespace tocsin::plugin
