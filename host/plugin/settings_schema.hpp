// A plugin's settings schema, parsed and in the profile: says everything that is wrong with settings, each
// with its JSON pointer and in words a person can act on. It changes nothing and reads no secret aloud.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "model/error.hpp"

namespace tocsin::plugin {

class SettingsSchema {
 public:
  // kInvalid: no JSON, or outside the profile (schema_profile.hpp).
  static Result<std::shared_ptr<const SettingsSchema>> parse(std::string_view schema_json);
  ~SettingsSchema();

  // [any] Every fault, in the order the schema finds them; a settings' value is never in a message.
  [[nodiscard]] std::vector<FieldError> find_faults(boost::json::value& settings) const;
  [[nodiscard]] const boost::json::object& document() const;

 private:
  struct Parsed;
  explicit SettingsSchema(std::unique_ptr<Parsed> parsed);
  std::unique_ptr<Parsed> parsed_;
};

}  // namespace tocsin::plugin
