// Level-triggered throughout: libcurl may leave bytes unread and expects to be told again.
#include "net/socket_watch.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>

namespace tocsin::net {
namespace {

constexpr int kBatch = 256;

}  // namespace

SocketWatch::~SocketWatch() {
  for (const int fd : {epoll_, wakeup_}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
}

Result<void> SocketWatch::open() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wakeup_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (epoll_ < 0 || wakeup_ < 0) {
    return make_error(Errc::kIo,
                      "the egress thread cannot open its epoll descriptor; raise the limit of open files");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wakeup_;
  TOCSIN_EXPECT(::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeup_, &event) == 0);
  return {};
}

SocketWatch::Socket& SocketWatch::socket_of(int fd) {
  const auto index = static_cast<std::size_t>(fd);
  if (index >= sockets_.size()) {
    sockets_.resize(index + 64);
  }
  return sockets_[index];
}

void SocketWatch::opened(int fd) {
  socket_of(fd) = Socket{0, 0, true, nullptr};
}

void SocketWatch::closed(int fd) {
  socket_of(fd) = Socket{};
}

void SocketWatch::register_events(int fd, Socket& socket, std::uint32_t events) const {
  if (events == socket.registered) {
    return;
  }
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (events == 0) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, &event);
  } else if (socket.registered == 0 || ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event) != 0) {
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0 && errno == EEXIST) {
      ::epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
    }
  }
  socket.registered = events;
}

void SocketWatch::want(int fd, bool read, bool write, SocketOwner* owner) {
  Socket& socket = socket_of(fd);
  socket.wanted = (read ? EPOLLIN : 0U) | (write ? EPOLLOUT : 0U);
  socket.owner = owner;
  if (socket.ours && socket.wanted == 0 && (socket.registered & EPOLLOUT) == 0) {
    return;  // most likely wanted again soon
  }
  register_events(fd, socket, socket.wanted);
}

std::span<const SocketWatch::Ready> SocketWatch::wait(int timeout_ms) {
  epoll_event events[kBatch];
  ready_.clear();
  const int count = ::epoll_wait(epoll_, events, kBatch, timeout_ms);
  for (int i = 0; i < count; ++i) {
    const int fd = events[i].data.fd;
    if (fd == wakeup_) {
      std::uint64_t drained = 0;
      (void)!::read(wakeup_, &drained, sizeof drained);
      continue;
    }
    Socket& socket = socket_of(fd);
    if (socket.wanted == 0) {
      register_events(fd, socket, 0);  // an idle connection that its peer closed, for one
      continue;
    }
    const std::uint32_t seen = events[i].events;
    const bool broken = (seen & (EPOLLERR | EPOLLHUP)) != 0;
    ready_.push_back({fd, (seen & EPOLLIN) != 0 || (broken && (socket.wanted & EPOLLIN) != 0),
                      (seen & EPOLLOUT) != 0 || (broken && (socket.wanted & EPOLLOUT) != 0), socket.owner});
  }
  return ready_;
}

void SocketWatch::wake() const {
  const std::uint64_t one = 1;
  (void)!::write(wakeup_, &one, sizeof one);
}

}  // namespace tocsin::net
