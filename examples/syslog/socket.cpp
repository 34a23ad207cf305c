// See socket.hpp.
#include "socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace syslog_channel {

Socket::~Socket() {
  if (fd >= 0) ::close(fd);
}

bool wait_for(int fd, short what, const Deadline& deadline) {
  pollfd one{fd, what, 0};
  int ready = -1;
  do {
    ready = ::poll(&one, 1, deadline.left_ms());
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

std::size_t write_all(int fd, const std::string& bytes, const Deadline& deadline) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    // MSG_NOSIGNAL: SIGPIPE belongs to the host.
    const auto written = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (written > 0) {
      at += static_cast<std::size_t>(written);
    } else if (errno != EINTR && (errno != EAGAIN || !wait_for(fd, POLLOUT, deadline))) {
      break;
    }
  }
  return at;
}

}  // namespace syslog_channel
