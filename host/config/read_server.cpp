// The sections that are about the host as a whole: server, limits, store, egress, log, plugins.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "config/readers.hpp"

namespace tocsin::config {
namespace {

constexpr std::int64_t kSecond = 1000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kDay = 24 * kHour;
constexpr std::size_t kLongestSocketPath = 107;  // sockaddr_un

struct ListenAddress {
  security::Address address;
  int port = 0;
};

// "127.0.0.1:8080" or "[::1]:8080".
std::optional<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  const auto port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const auto address = security::parse_address(host);
  std::uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (!address || error != std::errc() || end != port.data() + port.size()) return std::nullopt;
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  return ListenAddress{*address, number};
}

bool is_loopback(const security::Address& address) {
  if (!address.v6) return address.bytes[0] == 127;
  return security::to_string(address) == "::1";
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

void check_listen(TableReader& reader, const ServerConfig& server) {
  if (server.listen.empty() && server.socket.empty()) {
    reader.problem(
        "listen",
        "neither an address nor a socket is left to listen on: give server.listen or server.socket");
  }
  for (std::size_t i = 0; i < server.listen.size(); ++i) {
    const auto& text = server.listen[i];
    const auto address = parse_listen(text);
    if (!address) {
      reader.problem(
          "listen", i,
          quote(text) +
              " is no address: write an IP address and a port, such as \"127.0.0.1:8080\" or \"[::1]:8080\"");
    } else if (!server.insecure_bind && !is_loopback(address->address)) {
      reader.problem(
          "listen", i,
          quote(text) +
              " is not a loopback address, and the API speaks plain HTTP: listen on 127.0.0.1 behind a "
              "TLS proxy, or set server.insecure_bind = true");
    }
  }
}

void check_readable(TableReader& reader, std::string_view key, const std::string& path) {
  if (::access(path.c_str(), R_OK) == 0) return;
  reader.problem(key, "cannot read " + quote(path) + ": " + std::strerror(errno));
}

bool is_sha256(std::string_view text) {
  return security::parse_token_hash(text).has_value();
}

void one_of(TableReader& reader, std::string_view key, const std::vector<std::string>& words,
            std::string& out) {
  std::string word;
  if (!reader.text(key, word)) return;
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    reader.problem(key, quote(word) + " is not known" + suggestion(word, words));
  } else {
    out = std::move(word);
  }
}

// The reader of [name], also where the file has no such table: the environment may still say something.
TableReader section(TableReader& file, std::string_view name) {
  static const Node kAbsent;
  const Node* table = file.table(name);
  return {table == nullptr ? kAbsent : *table, std::string(name), find_section(name), file.problems()};
}

}  // namespace

std::string absolute_path(const std::string& folder, const std::string& path) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

void read_server(TableReader& file, const std::string& folder, ServerConfig& server) {
  auto reader = section(file, "server");
  reader.allow_environment();
  if (reader.text("data_dir", server.data_dir)) {
    if (server.data_dir.empty()) {
      reader.problem("data_dir", "is empty: name the folder for the data, such as \"/var/lib/tocsin\"");
    } else {
      server.data_dir = absolute_path(folder, server.data_dir);
    }
  }
  if (reader.text("socket", server.socket) && !server.socket.empty()) {
    server.socket = absolute_path(folder, server.socket);
    if (server.socket.size() > kLongestSocketPath) {
      reader.problem("socket", quote(server.socket) + " is too long for a socket: at most 107 bytes");
    }
  }
  reader.flag("insecure_bind", server.insecure_bind);
  reader.text_or_texts("listen", server.listen);
  check_listen(reader, server);
  reader.texts("hosts", server.hosts);
  for (std::size_t i = 0; i < server.hosts.size(); ++i) {
    if (server.hosts[i] == "*" || is_host_name(server.hosts[i])) continue;
    reader.problem(
        "hosts", i,
        quote(server.hosts[i]) + " is no host name: write it in lower case, without scheme and port");
  }
}

void read_limits(TableReader& file, LimitsConfig& limits) {
  auto reader = section(file, "limits");
  reader.integer("event_bytes", limits.event_bytes, 1024, 16 << 20);
  reader.integer("batch_bytes", limits.batch_bytes, 1024, 256 << 20);
  reader.integer("batch_events", limits.batch_events, 1, 10'000);
  reader.integer("connections", limits.connections, 1, 65'536);
  reader.integer("streams", limits.streams, 1, 65'536);
  reader.integer("queued_events", limits.queued_events, 1, 1'000'000);
  reader.integer("window", limits.window, 1, 256);
  reader.integer("hot_queue", limits.hot_queue, 1, 65'536);
  if (limits.batch_bytes < limits.event_bytes) {
    reader.problem("batch_bytes", "is below event_bytes (" + std::to_string(limits.event_bytes) +
                                      "): a body must have room for one event");
  }
}

void read_store(TableReader& file, StoreConfig& store) {
  auto reader = section(file, "store");
  reader.allow_environment();
  reader.duration("retention", store.retention_ms, kHour, 3650 * kDay);
  reader.duration("idempotency", store.idempotency_ms, kMinute, 30 * kDay);
  reader.duration("audit_retention", store.audit_retention_ms, kHour, 3650 * kDay);
  reader.integer("low_space", store.low_space_bytes, 0, INT64_MAX / 16);
  if (store.idempotency_ms > store.retention_ms) {
    reader.problem("idempotency", "is longer than store.retention (" + format_duration(store.retention_ms) +
                                      "): an event's key cannot outlive the event");
  }
}

void read_egress(TableReader& file, const std::string& folder, EgressConfig& egress) {
  auto reader = section(file, "egress");
  std::vector<std::string> allowed;
  reader.texts("allow", allowed);
  for (std::size_t i = 0; i < allowed.size(); ++i) {
    if (auto cidr = security::parse_cidr(allowed[i])) {
      egress.allow.push_back(*cidr);
    } else {
      reader.problem("allow", i, cidr.error().detail);
    }
  }
  if (reader.text("ca_file", egress.ca_file) && !egress.ca_file.empty()) {
    egress.ca_file = absolute_path(folder, egress.ca_file);
    check_readable(reader, "ca_file", egress.ca_file);
  }
  reader.integer("max_connections", egress.max_connections, 1, 65'536);
  reader.flag("smtp_without_tls", egress.smtp_without_tls);
}

void read_log(TableReader& file, LogConfig& log) {
  auto reader = section(file, "log");
  reader.allow_environment();
  one_of(reader, "level", {"trace", "debug", "info", "warn", "error"}, log.level);
  one_of(reader, "format", {"json", "text"}, log.format);
}

void read_plugins(TableReader& file, const std::string& folder, std::vector<PluginConfig>& plugins) {
  const auto tables = file.tables("plugin");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableReader reader(tables[i], file.place("plugin", i), find_section("plugin"), file.problems());
    PluginConfig plugin;
    plugin.position = {file.problems().file(), tables[i].line};
    if (reader.required_text("path", plugin.path)) {
      if (plugin.path.empty()) reader.problem("path", "is empty: name the plugin's .so file");
      plugin.path = absolute_path(folder, plugin.path);
      const auto same = std::find_if(plugins.begin(), plugins.end(),
                                     [&](const PluginConfig& other) { return other.path == plugin.path; });
      if (same != plugins.end()) {
        reader.problem("path", quote(plugin.path) + " is listed in line " +
                                   std::to_string(same->position.line) + " already: remove one of the two");
      }
    }
    if (reader.text("sha256", plugin.sha256) && !is_sha256(plugin.sha256)) {
      reader.problem("sha256", "must be 64 hexadecimal digits: sha256sum of the plugin's file prints them");
    }
    one_of(reader, "isolation", {"sandbox", "in-process"}, plugin.isolation);
    one_of(reader, "require", {"full"}, plugin.require);
    if (!plugin.require.empty() && plugin.isolation == "in-process") {
      reader.problem("require",
                     "asks for a sandbox, which isolation = \"in-process\" does without: remove one");
    }
    plugins.push_back(std::move(plugin));
  }
}

}  // namespace tocsin::config
