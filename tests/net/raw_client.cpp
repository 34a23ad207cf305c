// See raw_client.hpp.
#include "net/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tocsin::net {
namespace {

constexpr int kDeadlineMs = 10'000;

}  // namespace

RawClient::RawClient(const std::string& target) {
  if (target.starts_with("unix:")) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    target.copy(address.sun_path, sizeof address.sun_path - 1, 5);
    fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  } else {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    const std::size_t colon = target.rfind(':');
    ::inet_pton(AF_INET, target.substr(0, colon).c_str(), &address.sin_addr);
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return;
  }
  ::close(std::exchange(fd_, -1));
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), received_(std::move(other.received_)) {}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::send_slowly(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!send(bytes.substr(i, 1))) return false;
  }
  return true;
}

void RawClient::end_sending() {
  ::shutdown(fd_, SHUT_WR);
}

int RawClient::receive() {
  pollfd watched{fd_, POLLIN, 0};
  if (::poll(&watched, 1, kDeadlineMs) != 1) return -2;
  char bytes[16 << 10];
  const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
  if (count < 0) return -1;
  received_.append(bytes, static_cast<std::size_t>(count));
  return static_cast<int>(count);
}

std::optional<RawAnswer> RawClient::read_answer(bool head_request, bool want_continue) {
  std::size_t head_end = 0;
  while ((head_end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (receive() <= 0) return std::nullopt;
  }
  RawAnswer answer;
  if (!received_.starts_with("HTTP/1.1 ")) return std::nullopt;
  answer.status = std::stoi(received_.substr(9, 3));
  std::size_t at = received_.find("\r\n") + 2;
  while (at < head_end + 2) {
    const std::size_t end = received_.find("\r\n", at);
    const std::string line = received_.substr(at, end - at);
    const std::size_t colon = line.find(": ");
    std::string name = line.substr(0, colon);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    answer.headers[name] = line.substr(colon + 2);
    at = end + 2;
  }
  received_.erase(0, head_end + 4);
  if (answer.status == 100 && !want_continue) return read_answer(head_request);
  const auto length = answer.headers.find("content-length");
  const std::size_t body = length == answer.headers.end() || head_request ? 0 : std::stoul(length->second);
  while (received_.size() < body) {
    if (receive() <= 0) return std::nullopt;
  }
  answer.body = received_.substr(0, body);
  received_.erase(0, body);
  return answer;
}

std::optional<std::string> RawClient::read_until(std::string_view text) {
  for (auto at = received_.find(text); true; at = received_.find(text)) {
    if (at != std::string::npos) {
      std::string found = received_.substr(0, at + text.size());
      received_.erase(0, found.size());
      return found;
    }
    if (receive() <= 0) return std::nullopt;
  }
}

bool RawClient::read_end() {
  return received_.empty() && receive() == 0;
}

bool RawClient::read_reset() {
  return received_.empty() && receive() == -1;
}

}  // namespace tocsin::net
