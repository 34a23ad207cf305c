// See daemon.hpp.
#include "ctl/daemon.hpp"

#include <boost/json.hpp>
#include <utility>

#include "config/config.hpp"
#include "ctl/fields.hpp"

namespace tocsin::ctl {
namespace {

std::string first_set(const std::string& flag, const Environment& environment, const char* name) {
  if (!flag.empty()) return flag;
  return environment(name).value_or("");
}

// The daemon's own door, as its config file says.
Result<std::string> read_url(const std::string& file) {
  auto config = config::load_config(file);
  if (!config) {
    return make_error(Errc::kInvalid, config.error().detail +
                                          "; name the daemon with --url or TOCSIN_URL, or its config file "
                                          "with --config");
  }
  if (!config->server.socket.empty()) return "unix:" + config->server.socket;
  if (!config->server.listen.empty()) return "http://" + config->server.listen.front();
  return make_error(Errc::kInvalid, file + ": server.listen and server.socket are both empty: no way in");
}

}  // namespace

Result<Target> find_target(const TargetFlags& flags, const Environment& environment) {
  Target target;
  target.timeout_ms = flags.timeout_ms;
  target.token = first_set(flags.token, environment, "TOCSIN_TOKEN");
  target.url = flags.config.empty() ? first_set(flags.url, environment, "TOCSIN_URL") : flags.url;
  if (!target.url.empty()) return target;
  std::string file = first_set(flags.config, environment, "TOCSIN_CONFIG");
  if (file.empty()) file = kDefaultConfig;
  auto url = read_url(file);
  if (!url) return url.error();
  target.url = std::move(*url);
  return target;
}

Daemon::Daemon(net::ApiClient client, std::string token)
    : client_(std::move(client)), token_(std::move(token)) {}

Result<Daemon> Daemon::connect(Target target) {
  auto client = net::ApiClient::connect(target.url, target.timeout_ms);
  if (!client) return client.error();
  return Daemon(std::move(*client), std::move(target.token));
}

Result<net::ApiAnswer> Daemon::get(std::string_view path_and_query) {
  return call("GET", path_and_query, {}, {});
}

Result<net::ApiAnswer> Daemon::remove(std::string_view path) {
  return call("DELETE", path, {}, {});
}

Result<net::ApiAnswer> Daemon::put(std::string_view path, std::string_view json) {
  return call("PUT", path, "application/json", json);
}

Result<net::ApiAnswer> Daemon::patch(std::string_view path, std::string_view json) {
  return call("PATCH", path, "application/merge-patch+json", json);
}

Result<net::ApiAnswer> Daemon::post(std::string_view path, std::string_view content_type,
                                    std::string_view body) {
  return call("POST", path, content_type, body);
}

Result<net::ApiAnswer> Daemon::call(std::string_view method, std::string_view path,
                                    std::string_view content_type, std::string_view body) {
  std::vector<net::Header> headers;
  if (!token_.empty()) headers.push_back({"Authorization", "Bearer " + token_});
  if (!content_type.empty()) headers.push_back({"Content-Type", std::string(content_type)});
  return client_.call(method, path, headers, body);
}

std::optional<boost::json::value> read_answer(const Result<net::ApiAnswer>& answer, Console& console,
                                              Exit& exit) {
  if (!answer) {
    console.err << "tocsin: " << answer.error().detail << '\n';
    exit = Exit::kUnreachable;
    return std::nullopt;
  }
  boost::system::error_code fault;
  auto value = boost::json::parse(answer->body, fault);
  if (fault) {
    console.err << "tocsin: the answer (" << answer->status << ") is not JSON: is this a tocsin daemon?\n";
    exit = Exit::kFailed;
    return std::nullopt;
  }
  if (answer->status < 200 || answer->status > 299) {
    if (console.json) console.out << answer->body << '\n';
    print_problem(answer->status, value, console);
    exit = Exit::kFailed;
    return std::nullopt;
  }
  exit = Exit::kOk;
  return value;
}

void print_problem(int status, const boost::json::value& problem, Console& console) {
  auto detail = text_of(problem, "detail");
  if (detail.empty()) detail = text_of(problem, "title");
  console.err << "refused (" << status << "): " << printable(detail) << '\n';
  for (const auto& fault : items_of(problem, "errors")) {
    console.err << "  " << printable(text_of(fault, "pointer")) << ": "
                << printable(text_of(fault, "message")) << '\n';
  }
}

std::string encode_segment(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xfU];
    }
  }
  return out;
}

}  // namespace tocsin::ctl
