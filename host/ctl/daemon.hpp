// The daemon as the command sees it: found by flags, the environment or the config file's socket, asked over
// HTTP, its refusals printed. Knows no endpoint; those are the commands'.
#pragma once

#include <boost/json/value.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ctl/console.hpp"
#include "model/error.hpp"
#include "net/api_client.hpp"

namespace tocsin::ctl {

inline constexpr std::string_view kDefaultConfig = "/etc/tocsin/tocsin.toml";

// What the flags said; empty where they said nothing.
struct TargetFlags {
  std::string url;
  std::string token;
  std::string config;
  std::int64_t timeout_ms = 30'000;
};

struct Target {
  std::string url;    // "unix:/run/tocsin/api.sock", "http://127.0.0.1:8080"
  std::string token;  // empty on a Unix socket: the peer's uid speaks
  std::int64_t timeout_ms = 30'000;
};

using Environment = std::function<std::optional<std::string>(const char* name)>;

// Flags, else TOCSIN_URL and TOCSIN_TOKEN, else the socket (or first address) of the config file, which
// itself is the flag, TOCSIN_CONFIG or /etc/tocsin/tocsin.toml.
[[nodiscard]] Result<Target> find_target(const TargetFlags& flags, const Environment& environment);

class Daemon {
 public:
  static Result<Daemon> connect(Target target);
  [[nodiscard]] Result<net::ApiAnswer> get(std::string_view path_and_query);
  [[nodiscard]] Result<net::ApiAnswer> remove(std::string_view path);
  [[nodiscard]] Result<net::ApiAnswer> put(std::string_view path, std::string_view json);
  [[nodiscard]] Result<net::ApiAnswer> patch(std::string_view path, std::string_view json);
  [[nodiscard]] Result<net::ApiAnswer> post(std::string_view path, std::string_view content_type,
                                            std::string_view body);

 private:
  Daemon(net::ApiClient client, std::string token);
  Result<net::ApiAnswer> call(std::string_view method, std::string_view path, std::string_view content_type,
                              std::string_view body);
  net::ApiClient client_;
  std::string token_;
};

// The answer's JSON where it is a success; else the refusal is printed and `exit` says how to end.
[[nodiscard]] std::optional<boost::json::value> read_answer(const Result<net::ApiAnswer>& answer,
                                                            Console& console, Exit& exit);
// "refused (422): …" with one line a field.
void print_problem(int status, const boost::json::value& problem, Console& console);
// One path segment or query value, percent-encoded.
[[nodiscard]] std::string encode_segment(std::string_view text);

}  // namespace tocsin::ctl
