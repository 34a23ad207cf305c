// See api_client.hpp. Plain system calls with one deadline a call; Beast reads the answer.
#include "net/api_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include "model/clock.hpp"
#include "net/request_head.hpp"

namespace tocsin::net {
namespace {

namespace http = boost::beast::http;

constexpr std::size_t kAnswerBytes = 64 << 20;

std::string reason(int code) {
  return std::generic_category().message(code);
}

struct Address {
  sockaddr_storage storage{};
  socklen_t length = 0;
  std::string host;
};

Error unusable(const std::string& target) {
  return make_error(
      Errc::kInvalid,
      "\"" + target + "\" is not a target: use unix:/path/to/api.sock or http://127.0.0.1:PORT");
}

Result<Address> unix_address(const std::string& target, std::string_view path) {
  Address address;
  auto* const name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.empty() || path.size() >= sizeof name->sun_path) return unusable(target);
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.data(), path.size());
  address.length = sizeof *name;
  address.host = "localhost";
  return address;
}

// A literal address or "localhost": this is no client for the network, so no name is looked up.
Result<Address> tcp_address(const std::string& target, std::string_view authority) {
  if (authority.ends_with('/')) authority.remove_suffix(1);
  const std::size_t colon = authority.rfind(':');
  if (colon == std::string_view::npos) return unusable(target);
  std::uint16_t port = 0;
  const char* const end = authority.data() + authority.size();
  const auto parsed = std::from_chars(authority.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return unusable(target);
  std::string host(authority.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  Address address;
  address.host = authority;
  auto* const v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* const v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.length = sizeof *v4;
    return address;
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']' &&
      inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.length = sizeof *v6;
    return address;
  }
  return unusable(target);
}

Result<Address> address_of(const std::string& target) {
  const std::string_view text = target;
  if (text.starts_with("unix:")) return unix_address(target, text.substr(5));
  if (text.starts_with("http://")) return tcp_address(target, text.substr(7));
  return unusable(target);
}

Result<std::string> request_text(std::string_view method, std::string_view path_and_query,
                                 const std::vector<Header>& headers, const std::string& host,
                                 std::string_view body) {
  const bool path_fits =
      path_and_query.starts_with('/') &&
      std::all_of(path_and_query.begin(), path_and_query.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_token(method) || !path_fits)
    return make_error(Errc::kInvalid, "method or path cannot be sent as it is");
  std::string text;
  text.append(method).append(" ").append(path_and_query).append(" HTTP/1.1\r\nHost: ").append(host);
  if (!body.empty() || method == "POST" || method == "PUT" || method == "PATCH") {
    text.append("\r\nContent-Length: ").append(std::to_string(body.size()));
  }
  for (const Header& header : headers) {
    if (!is_token(header.name) || !is_field_value(header.value)) {
      return make_error(Errc::kInvalid, "header " + header.name + " cannot be sent as it is");
    }
    text.append("\r\n").append(header.name).append(": ").append(header.value);
  }
  text += "\r\n\r\n";
  return text;
}

}  // namespace

struct ApiClient::Connection {
  std::string target;
  Address address;
  std::int64_t timeout_ms = 0;
  SystemClock clock;
  int fd = -1;

  ~Connection() { close(); }
  void close() {
    if (fd >= 0) ::close(std::exchange(fd, -1));
  }
  [[nodiscard]] Error broken(const std::string& why) {
    close();
    return make_error(Errc::kIo, "cannot talk to tocsind at " + target + ": " + why);
  }
  // False: the deadline passed.
  bool wait(short events, std::int64_t deadline_us);
  Result<void> open();
  Result<void> send(std::string_view text, std::int64_t deadline_us);
  Result<ApiAnswer> receive(bool head_request, std::int64_t deadline_us);
};

bool ApiClient::Connection::wait(short events, std::int64_t deadline_us) {
  for (;;) {
    const std::int64_t left_ms = (deadline_us - clock.steady_us() + 999) / 1000;
    pollfd watched{fd, events, 0};
    const int ready = ::poll(&watched, 1, static_cast<int>(std::clamp<std::int64_t>(left_ms, 0, 3'600'000)));
    if (ready > 0) return true;
    if (ready == 0 && left_ms <= 0) return false;
    if (ready < 0 && errno != EINTR) return true;  // the next call reports it
  }
}

Result<void> ApiClient::Connection::open() {
  const int family = address.storage.ss_family;
  fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return broken(reason(errno));
  if (family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  int code = 0;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.length) != 0) code = errno;
  if (code == EINPROGRESS) {
    if (!wait(POLLOUT, clock.steady_us() + timeout_ms * 1000)) return broken("no connection in time");
    socklen_t length = sizeof code;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &length) != 0) code = errno;
  }
  if (code == ECONNREFUSED || code == ENOENT) return broken(reason(code) + "; is the daemon running?");
  if (code == EACCES) return broken(reason(code) + "; is this user in the group that owns the socket?");
  if (code != 0) return broken(reason(code));
  return {};
}

// A server that refuses early may stop reading; its answer is then still to be read, so a broken send is no
// error yet.
Result<void> ApiClient::Connection::send(std::string_view text, std::int64_t deadline_us) {
  while (!text.empty()) {
    const ssize_t sent = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EPIPE || errno == ECONNRESET) {
      return {};
    } else if (errno != EAGAIN && errno != EINTR) {
      return broken(reason(errno));
    } else if (!wait(POLLOUT, deadline_us)) {
      return broken("it did not take the request in time");
    }
  }
  return {};
}

Result<ApiAnswer> ApiClient::Connection::receive(bool head_request, std::int64_t deadline_us) {
  http::response_parser<http::string_body> parser;
  parser.body_limit(kAnswerBytes);
  parser.header_limit(64 << 10);
  parser.eager(true);
  parser.skip(head_request);
  boost::beast::flat_buffer buffer;
  while (!parser.is_done()) {
    if (!wait(POLLIN, deadline_us)) return broken("no answer in time");
    const auto room = buffer.prepare(16 << 10);
    const ssize_t received = ::recv(fd, room.data(), room.size(), 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received < 0) return broken(reason(errno));
    boost::system::error_code error;
    if (received == 0) {
      if (!parser.got_some()) return broken("it closed the connection without an answer");
      parser.put_eof(error);
      if (error) return broken("it closed the connection in the middle of its answer");
      break;
    }
    buffer.commit(static_cast<std::size_t>(received));
    buffer.consume(parser.put(buffer.data(), error));
    if (error && error != http::error::need_more) return broken("its answer is not HTTP: " + error.message());
  }
  ApiAnswer answer;
  answer.status = static_cast<int>(parser.get().result_int());
  for (const auto& field : parser.get()) {
    Header& header = answer.headers.emplace_back();
    header.name.assign(field.name_string().data(), field.name_string().size());
    std::transform(header.name.begin(), header.name.end(), header.name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    header.value.assign(field.value().data(), field.value().size());
  }
  answer.body = std::move(parser.get().body());
  if (!parser.keep_alive()) close();
  return answer;
}

ApiClient::ApiClient(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
ApiClient::ApiClient(ApiClient&&) noexcept = default;
ApiClient& ApiClient::operator=(ApiClient&&) noexcept = default;
ApiClient::~ApiClient() = default;

Result<ApiClient> ApiClient::connect(const std::string& target, std::int64_t timeout_ms) {
  auto address = address_of(target);
  if (!address) return address.error();
  auto connection = std::make_unique<Connection>();
  connection->target = target;
  connection->address = std::move(*address);
  connection->timeout_ms = timeout_ms;
  if (auto opened = connection->open(); !opened) return opened.error();
  return ApiClient(std::move(connection));
}

Result<ApiAnswer> ApiClient::call(std::string_view method, std::string_view path_and_query,
                                  const std::vector<Header>& headers, std::string_view body) {
  Connection& connection = *connection_;
  auto text = request_text(method, path_and_query, headers, connection.address.host, body);
  if (!text) return text.error();
  // After an answer with "Connection: close", or a broken call, the next one has a connection of its own.
  if (connection.fd < 0) {
    if (auto opened = connection.open(); !opened) return opened.error();
  }
  text->append(body);
  const std::int64_t deadline_us = connection.clock.steady_us() + connection.timeout_ms * 1000;
  if (auto sent = connection.send(*text, deadline_us); !sent) return sent.error();
  return connection.receive(method == "HEAD", deadline_us);
}

}  // namespace tocsin::net
