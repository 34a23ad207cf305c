// What a channel would send for a message, as text for people: the request, the mail or the item it asks the
// host for, with every secret as the name of its setting. Nothing is sent.
#pragma once

#include <string>
#include <tocsin/testing/documents.hpp>
#include <vector>

#include "conformance/subject.hpp"

namespace tocsin::conformance {

struct Rendering {
  std::string type;  // the channel type
  std::string name;  // of the message: "severity:high"
  std::string
      text;  // lines, ASCII (what is not is written \u{…}); long ones are cut, a hash stands for the whole
  std::vector<Finding> findings;
};

// One message through one type of the plugin, on its most complete settings or on the given ones. `type` may
// be empty where the plugin has one. kNotFound: no such type. kInvalid: no settings, or the channel refused
// them.
[[nodiscard]] Result<Rendering> render_message(const CheckInput& input, const std::string& type,
                                               testing::sample_message& message);

// Every message of the corpus through every type, in order.
[[nodiscard]] Result<std::vector<Rendering>> render_corpus(const CheckInput& input);

}  // namespace tocsin::conformance
