// One table of endpoints: method, path, who may, what it does. There is no other way to serve a path, so an
// endpoint without a policy does not compile; the authorization tests walk this same table.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/http_server.hpp"
#include "security/principal.hpp"

namespace tocsin::api {

struct Public {};   // no credentials asked: health, metrics, the description of the API
struct Anybody {};  // who is somebody, whatever they may: who am I, sign me out
using Policy = std::variant<Public, Anybody, security::Permission>;

struct Call {
  net::HttpRequest request;
  const security::Principal* principal = nullptr;  // null for public endpoints
  std::vector<std::string> arguments;              // the path's "{…}" parts, percent-decoded
  std::optional<security::TokenHash> session{};    // of the console, where its cookie says who calls
};

// Of "Authorization: Bearer …"; "" where there is none.
[[nodiscard]] std::string_view bearer_token(const net::HttpRequest& request);

using Handler = std::function<void(Call, net::Responder)>;  // [api]

struct Endpoint {
  std::string_view method;
  std::string_view path;  // "/v1/events/{id}"
  Policy policy;
  Handler handler;
  // What it does, for the audit log: "channel.create". Empty: it changes nothing that people configure.
  std::string_view act{};
};

// What to do with a request: an endpoint and its arguments, or the problem (404, 405 with Allow).
struct Route {
  const Endpoint* endpoint = nullptr;
  std::vector<std::string> arguments;
  std::string allow;  // methods of the path, where only the method is wrong
};
[[nodiscard]] Route find_route(const std::vector<Endpoint>& endpoints, std::string_view method,
                               std::string_view path);

// `text` as one segment of a path, for a Location: find_route() gives it back as an argument.
[[nodiscard]] std::string encode_segment(std::string_view text);

}  // namespace tocsin::api
