// See listener.hpp.
#include "net/listener.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/error.hpp>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

#include "ops/log.hpp"

namespace tocsin::net {
namespace {

// Owns a descriptor until it is handed to Asio.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string reason(int code) {
  return std::generic_category().message(code);
}

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr_storage storage;
};

socklen_t length_of(const Address& address) {
  return address.any.sa_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

std::optional<Address> parse_address(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  Address address{};
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    if (inet_pton(AF_INET6, host.c_str(), &address.v6.sin6_addr) != 1) return std::nullopt;
  } else {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    if (inet_pton(AF_INET, host.c_str(), &address.v4.sin_addr) != 1) return std::nullopt;
  }
  return address;
}

std::string format_address(const Address& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.any.sa_family == AF_INET6) {
    inet_ntop(AF_INET6, &address.v6.sin6_addr, text, sizeof text);
    return "[" + std::string(text) + "]:" + std::to_string(ntohs(address.v6.sin6_port));
  }
  inet_ntop(AF_INET, &address.v4.sin_addr, text, sizeof text);
  return std::string(text) + ":" + std::to_string(ntohs(address.v4.sin_port));
}

Error cannot_listen(const std::string& address, int code) {
  return make_error(Errc::kIo, "cannot listen on " + address + ": " + reason(code));
}

// Clears the way for a new socket file, but not over a server that is running or a file that is no socket.
Result<void> clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return cannot_listen(path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) {
    return make_error(Errc::kIo, "cannot listen on " + path + ": a file that is no socket is in the way");
  }
  const Descriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (probe.get() < 0) return cannot_listen(path, errno);
  if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
      errno != ECONNREFUSED) {
    return make_error(Errc::kIo, "cannot listen on " + path + ": another server is listening on it");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path, errno);
  return {};
}

Peer peer_of(int descriptor, bool unix_socket) {
  Peer peer;
  peer.unix_socket = unix_socket;
  if (unix_socket) {
    ucred credentials{};
    socklen_t length = sizeof credentials;
    // Where the kernel does not tell, the peer is nobody rather than root.
    const bool told =
        ::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 && length > 0;
    peer.uid = told ? credentials.uid : static_cast<std::uint32_t>(-1);
    return peer;
  }
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Address address{};
  socklen_t length = sizeof address;
  if (::getpeername(descriptor, &address.any, &length) == 0) peer.address = format_address(address);
  return peer;
}

}  // namespace

Listener::Listener(boost::asio::io_context& io, int descriptor, int family, std::string address)
    : acceptor_(io, boost::asio::generic::stream_protocol(family, family == AF_UNIX ? 0 : IPPROTO_TCP),
                descriptor),
      pause_(io),
      address_(std::move(address)),
      unix_socket_(family == AF_UNIX) {}

Listener::~Listener() {
  close();
}

Result<std::unique_ptr<Listener>> Listener::open_tcp(boost::asio::io_context& io, const std::string& text) {
  std::optional<Address> address = parse_address(text);
  if (!address) {
    return make_error(
        Errc::kInvalid,
        "listen address \"" + text + "\" is not an IP address and a port, as 127.0.0.1:8080 or [::1]:8080");
  }
  const int family = address->any.sa_family;
  Descriptor socket(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (socket.get() < 0) return cannot_listen(text, errno);
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(socket.get(), &address->any, length_of(*address)) != 0 ||
      ::listen(socket.get(), SOMAXCONN) != 0) {
    return cannot_listen(text, errno);
  }
  socklen_t length = sizeof *address;
  if (::getsockname(socket.get(), &address->any, &length) != 0) return cannot_listen(text, errno);
  return std::unique_ptr<Listener>(new Listener(io, socket.release(), family, format_address(*address)));
}

Result<std::unique_ptr<Listener>> Listener::open_unix(boost::asio::io_context& io, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return make_error(Errc::kInvalid, "socket path \"" + path + "\" is longer than " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  if (auto cleared = clear_stale(path, address); !cleared) return cleared.error();
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.get() < 0) return cannot_listen(path, errno);
  // Nobody can connect between bind and listen, so the mode is right before the first client.
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::chmod(path.c_str(), 0660) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) {
    return cannot_listen(path, errno);
  }
  std::unique_ptr<Listener> listener(new Listener(io, socket.release(), AF_UNIX, path));
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0) {
    listener->device_ = status.st_dev;
    listener->inode_ = status.st_ino;
  }
  return listener;
}

void Listener::start(Accept accept) {
  accept_ = std::move(accept);
  accept_next();
}

void Listener::accept_next() {
  acceptor_.async_accept([this](const boost::system::error_code& error, StreamSocket socket) {
    if (error == boost::asio::error::operation_aborted || !acceptor_.is_open()) return;
    if (!error) {
      take(std::move(socket));
      accept_next();
    } else if (error == boost::asio::error::connection_aborted) {
      accept_next();
    } else {
      ops::log_warn("net", "cannot accept a connection",
                    {{"address", address_}, {"reason", error.message()}});
      wait_and_accept();  // out of descriptors, most likely: they come back
    }
  });
}

void Listener::take(StreamSocket socket) {
  boost::system::error_code error;
  // Also keeps the immediate writes of a session from blocking.
  socket.non_blocking(true, error);
  if (error) return;
  Peer peer = peer_of(socket.native_handle(), unix_socket_);
  accept_(std::move(socket), std::move(peer));
}

void Listener::wait_and_accept() {
  pause_.expires_after(std::chrono::milliseconds(100));
  pause_.async_wait([this](const boost::system::error_code& error) {
    if (!error && acceptor_.is_open()) accept_next();
  });
}

void Listener::close() {
  if (!acceptor_.is_open()) return;
  struct stat status {};
  if (unix_socket_ && ::lstat(address_.c_str(), &status) == 0 && status.st_dev == device_ &&
      status.st_ino == inode_) {
    ::unlink(address_.c_str());
  }
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

}  // namespace tocsin::net
