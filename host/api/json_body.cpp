// See json_body.hpp.
#include "api/json_body.hpp"

#include <boost/json/value.hpp>

#include "ingest/document.hpp"

namespace tocsin::api {

Result<boost::json::object> read_object(std::string_view body, std::string_view wanted) {
  auto document = ingest::parse_document(body);
  if (!document) {
    return make_error(Errc::kMalformed, document.error().detail + "; send " + std::string(wanted));
  }
  if (!document->is_object()) return make_error(Errc::kInvalid, "send " + std::string(wanted));
  return std::move(document->get_object());
}

std::string pointer_to(std::string_view member) {
  std::string pointer = "/";
  for (const char c : member) {
    if (c == '~' || c == '/') {
      pointer += c == '~' ? "~0" : "~1";
    } else {
      pointer += c;
    }
  }
  return pointer;
}

std::string lacks(security::Permission permission) {
  return "you have not " + std::string(to_string(permission)) + " yourself: name scopes without it";
}

Error bad_place(std::string place, std::string message) {
  Error error = make_error(Errc::kInvalid, place.empty() ? message : place + ": " + message);
  error.fields.push_back({std::move(place), std::move(message)});
  return error;
}

}  // namespace tocsin::api
