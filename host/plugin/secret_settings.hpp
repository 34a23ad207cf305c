// A channel's settings and the secrets in them, taken apart and put together: what is stored, sealed and
// shown never has a secret in its text. Which values are secrets is the schema's word (writeOnly). Pure.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugin/channel_type.hpp"
#include "security/secret.hpp"

namespace tocsin::plugin {

using Secrets = std::vector<std::pair<std::string, security::Secret>>;  // by JSON pointer

// What stands for a secret where settings are shown, and says "as it is" where they are sent back.
inline constexpr std::string_view kSecretMask = "\u2022\u2022\u2022\u2022";

// Takes every secret out of `settings`: object members go, array items become null so that the others keep
// their places.
[[nodiscard]] Secrets take_secrets(const ChannelType& type, boost::json::value& settings);

// Puts `text` where the pointer says, making objects on the way. False: something else stands in the way.
[[nodiscard]] bool place_text(boost::json::value& settings, std::string_view pointer, std::string_view text);

}  // namespace tocsin::plugin
