// See connection.hpp.
#include "connection.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "socket.hpp"
#include "tls.hpp"

namespace syslog_channel {
namespace {

bool connect_to(int fd, const addrinfo& address, const Deadline& deadline) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS || !wait_for(fd, POLLOUT, deadline)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

// The nearest thing to an answer: a peer that closes in order has read to the end; a reset says that it has
// not. One that says nothing keeps its connection open for more, which is as good.
Sent hear_end(int fd, const Deadline& deadline) {
  ::shutdown(fd, SHUT_WR);
  char byte = 0;
  while (wait_for(fd, POLLIN, deadline)) {
    const auto got = ::recv(fd, &byte, 1, 0);
    if (got == 0) return Sent::kTaken;
    if (got < 0 && errno != EINTR && errno != EAGAIN) return Sent::kUncertain;
  }
  return Sent::kTaken;
}

// How long a peer may take to say that it has closed.
int most_silence(int limit_ms) {
  return limit_ms < 1000 ? limit_ms : 1000;
}

}  // namespace

Sent send_bytes(const Target& target, const std::string& bytes, int limit_ms) {
  const Deadline deadline(limit_ms);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(target.server.c_str(), std::to_string(target.port).c_str(), &wanted, &found) != 0) {
    // A resolver without sockets knows no name either: ask for a socket to tell the two apart.
    const Socket probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return probe.fd < 0 ? Sent::kDenied : Sent::kNoName;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const Socket socket(::socket(one->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.fd < 0 && (errno == EPERM || errno == EACCES || errno == ENOSYS)) return Sent::kDenied;
    if (socket.fd < 0 || !connect_to(socket.fd, *one, deadline)) continue;
    if (target.trust) {
      return send_by_tls(socket.fd, {target.server, *target.trust, bytes}, deadline,
                         Deadline(most_silence(limit_ms)));
    }
    const std::size_t left = write_all(socket.fd, bytes, deadline);
    if (left == bytes.size()) return hear_end(socket.fd, Deadline(most_silence(limit_ms)));
    if (left > 0) return Sent::kUncertain;
  }
  return Sent::kNotSent;
}

}  // namespace syslog_channel
