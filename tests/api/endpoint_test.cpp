// Finding the endpoint for a method and a path.
#include "api/endpoint.hpp"

#include <gtest/gtest.h>

namespace tocsin::api {
namespace {

using Arguments = std::vector<std::string>;

// An endpoint that does not say who may call it does not compile.
template <class... Members>
concept MakesAnEndpoint = requires(Members... members) {
  Endpoint{members...};
};
static_assert(MakesAnEndpoint<const char*, const char*, Public, Handler>);
static_assert(MakesAnEndpoint<const char*, const char*, security::Permission, Handler, const char*>);
static_assert(!MakesAnEndpoint<const char*, const char*, Handler>);
static_assert(!MakesAnEndpoint<const char*, const char*, Handler, const char*>);

std::vector<Endpoint> table() {
  std::vector<Endpoint> endpoints;
  endpoints.push_back({"GET", "/livez", Public{}, nullptr});
  endpoints.push_back({"POST", "/v1/events", security::Permission::kPushEvents, nullptr});
  endpoints.push_back({"GET", "/v1/events/{id}", security::Permission::kReadEvents, nullptr});
  endpoints.push_back({"GET", "/v1/events/{id}/explain", security::Permission::kReadEvents, nullptr});
  endpoints.push_back({"GET", "/v1/teams/{team}/rules/{name}", security::Permission::kReadEvents, nullptr});
  endpoints.push_back(
      {"DELETE", "/v1/teams/{team}/rules/{name}", security::Permission::kReadEvents, nullptr});
  return endpoints;
}

// What the request reaches, as "GET /v1/events/{id}"; "404"; or "405 " and what is allowed.
std::string reached(std::string_view method, std::string_view path) {
  static const auto endpoints = table();
  const Route route = find_route(endpoints, method, path);
  if (route.endpoint != nullptr)
    return std::string(route.endpoint->method) + " " + std::string(route.endpoint->path);
  return route.allow.empty() ? "404" : "405 " + route.allow;
}

Arguments arguments(std::string_view path) {
  static const auto endpoints = table();
  return find_route(endpoints, "GET", path).arguments;
}

TEST(Endpoints, AreFoundByMethodAndPath) {
  EXPECT_EQ(reached("GET", "/livez"), "GET /livez");
  EXPECT_EQ(reached("POST", "/v1/events"), "POST /v1/events");
  EXPECT_EQ(reached("GET", "/v1/events/evt_1"), "GET /v1/events/{id}");
  EXPECT_EQ(reached("GET", "/v1/events/evt_1/explain"), "GET /v1/events/{id}/explain");
  EXPECT_EQ(reached("DELETE", "/v1/teams/a/rules/b"), "DELETE /v1/teams/{team}/rules/{name}");
}

TEST(Endpoints, ServeHeadWhereTheyServeGet) {
  EXPECT_EQ(reached("HEAD", "/livez"), "GET /livez");
  EXPECT_EQ(reached("HEAD", "/v1/events"), "405 POST");
}

TEST(Endpoints, AreNotFoundByAnythingButTheirExactPath) {
  for (const auto* path : {"/",
                           "",
                           "/livez/",
                           "//livez",
                           "/LIVEZ",
                           "/live",
                           "/livezz",
                           "/v1",
                           "/v1/",
                           "/v1/events/",
                           "/v1//events",
                           "/v1/events//explain",
                           "/v1/events/evt_1/",
                           "/v1/events/a/b",
                           "/v1/events/a/explain/",
                           "/v1/events/a/explain/b",
                           "/v2/events",
                           "/v1/%65vents",
                           "/v1/teams//rules/x",
                           "/v1/teams/a/rules/",
                           "/v1/teams/a/rules",
                           "/{id}"}) {
    EXPECT_EQ(reached("GET", path), "404") << path;
  }
}

TEST(Endpoints, NameTheMethodsOfAPathThatHasOthers) {
  EXPECT_EQ(reached("POST", "/livez"), "405 GET, HEAD");
  EXPECT_EQ(reached("GET", "/v1/events"), "405 POST");
  EXPECT_EQ(reached("PUT", "/v1/teams/a/rules/b"), "405 GET, HEAD, DELETE");
  EXPECT_EQ(reached("get", "/livez"), "405 GET, HEAD");
  EXPECT_EQ(reached("", "/livez"), "405 GET, HEAD");
}

TEST(Endpoints, GetTheirArgumentsDecoded) {
  EXPECT_EQ(arguments("/v1/events/evt_1"), (Arguments{"evt_1"}));
  EXPECT_EQ(arguments("/v1/teams/a/rules/b"), (Arguments{"a", "b"}));
  EXPECT_EQ(arguments("/v1/events/a%20b%2Fc%2fexplain"), (Arguments{"a b/c/explain"}));
  EXPECT_EQ(arguments("/v1/events/%C3%BC%25"), (Arguments{"ü%"}));
  EXPECT_EQ(arguments("/v1/events/a+b"), (Arguments{"a+b"}));
  EXPECT_EQ(arguments("/v1/events/..%2F..%2Fetc/explain"), (Arguments{"../../etc"}));
}

TEST(Endpoints, RefuseBrokenEscapesAndNul) {
  for (const auto* id : {"%", "%2", "a%", "a%4", "%zz", "%4g", "%g4", "%00", "a%00b", "%%", "% 1"}) {
    EXPECT_EQ(reached("GET", std::string("/v1/events/") + id), "404") << id;
  }
}

TEST(Endpoints, WriteASegmentThatComesBackAsTheSameArgument) {
  std::string every_byte;
  for (int c = 1; c < 256; ++c) every_byte += static_cast<char>(c);
  for (const std::string& id :
       {std::string("plain-1_2.3~"), std::string("a/b?c#d%e f"), std::string("ü 🪣"), every_byte}) {
    const std::string segment = encode_segment(id);
    for (const char c : segment) EXPECT_TRUE(c > ' ' && c < 0x7f) << segment;
    EXPECT_EQ(segment.find_first_of("/?#"), std::string::npos);
    EXPECT_EQ(arguments("/v1/events/" + segment), (Arguments{id}));
  }
  EXPECT_EQ(encode_segment("evt_01KBQ5T8Z0000"), "evt_01KBQ5T8Z0000");
}

}  // namespace
}  // namespace tocsin::api
