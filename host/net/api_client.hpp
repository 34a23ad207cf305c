// A small blocking HTTP client for the `tocsin` command, the benchmarks and the end-to-end tests: one request
// on one connection to the daemon's Unix socket or loopback address. Not for egress: nothing here knows a
// policy.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::net {

struct ApiAnswer {
  int status = 0;
  std::vector<Header> headers;
  std::string body;
};

class ApiClient {
 public:
  // `target`: "unix:/run/tocsin/api.sock" or "http://127.0.0.1:8080". kIo: not reachable, with what to check.
  static Result<ApiClient> connect(const std::string& target, std::int64_t timeout_ms = 10'000);
  ApiClient(ApiClient&&) noexcept;
  ApiClient& operator=(ApiClient&&) noexcept;
  ~ApiClient();
  // Keeps the connection for the next call. kIo: broken or timed out; the caller may connect again.
  [[nodiscard]] Result<ApiAnswer> call(std::string_view method, std::string_view path_and_query,
                                       const std::vector<Header>& headers, std::string_view body);

 private:
  struct Connection;
  explicit ApiClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace tocsin::net
