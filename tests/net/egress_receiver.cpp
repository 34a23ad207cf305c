#include "net/egress_receiver.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

namespace tocsin::net::tests {
namespace {

int listen_on_loopback(std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

// The length of the whole request at the front of `bytes`; 0 where it is not complete.
std::size_t whole_request(const std::string& bytes, std::size_t& head) {
  head = bytes.find("\r\n\r\n");
  if (head == std::string::npos) {
    return 0;
  }
  head += 4;
  const auto at = bytes.find("Content-Length: ");
  const std::size_t body = at < head ? std::stoul(bytes.substr(at + 16)) : 0;
  return bytes.size() >= head + body ? head + body : 0;
}

bool send_all(int fd, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const auto count = ::send(fd, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) {
      return false;
    }
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

Receiver::Receiver(Handler handler) : handler_(std::move(handler)) {
  listen_ = listen_on_loopback(port_);
  EXPECT_EQ(::listen(listen_, 1024), 0);
  stop_ = ::eventfd(0, EFD_CLOEXEC);
  thread_ = std::thread([this] { run(); });
}

Receiver::~Receiver() {
  const std::uint64_t one = 1;
  EXPECT_EQ(::write(stop_, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  thread_.join();
  for (const auto& [fd, connection] : open_) {
    ::close(fd);
  }
  ::close(listen_);
  ::close(stop_);
}

std::string Receiver::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<Received> Receiver::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

int Receiver::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

void Receiver::run() {
  for (;;) {
    std::vector<pollfd> fds = {{stop_, POLLIN, 0}, {listen_, POLLIN, 0}};
    for (const auto& [fd, connection] : open_) {
      fds.push_back({fd, POLLIN, 0});
    }
    ::poll(fds.data(), fds.size(), -1);
    if (fds[0].revents != 0) {
      return;
    }
    if (fds[1].revents != 0) {
      accept_one();
    }
    for (std::size_t i = 2; i < fds.size(); ++i) {
      if (fds[i].revents != 0 && !read_some(fds[i].fd, open_[fds[i].fd])) {
        open_.erase(fds[i].fd);
        ::close(fds[i].fd);
        ++closed_;
      }
    }
  }
}

void Receiver::accept_one() {
  const int fd = ::accept4(listen_, nullptr, nullptr, SOCK_CLOEXEC);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const std::lock_guard lock(mutex_);
  open_[fd] = Connection{++accepted_, {}};
}

bool Receiver::read_some(int fd, Connection& connection) {
  char bytes[16384];
  const auto count = ::recv(fd, bytes, sizeof bytes, 0);
  if (count <= 0) {
    return false;
  }
  connection.unread.append(bytes, static_cast<std::size_t>(count));
  std::size_t head = 0;
  while (const std::size_t whole = whole_request(connection.unread, head)) {
    Received request{connection.unread.substr(0, head), connection.unread.substr(head, whole - head),
                     connection.number};
    connection.unread.erase(0, whole);
    const Reply reply = handler_(request);
    {
      const std::lock_guard lock(mutex_);
      received_.push_back(std::move(request));
    }
    if (!send_all(fd, reply.bytes) || reply.close) {
      return false;
    }
  }
  return true;
}

std::uint16_t closed_port() {
  std::uint16_t port = 0;
  ::close(listen_on_loopback(port));
  return port;
}

EgressOptions loopback_options() {
  EgressOptions options;
  options.policy = security::AddressPolicy({security::parse_cidr("127.0.0.0/8").value()});
  return options;
}

std::unique_ptr<ExchangeEngine> start_engine(EgressOptions options) {
  auto engine = ExchangeEngine::open(std::move(options)).value();
  engine->start();
  return engine;
}

std::future<ExchangeResponse> send(ExchangeEngine& engine, ExchangeRequest request) {
  auto promise = std::make_shared<std::promise<ExchangeResponse>>();
  auto future = promise->get_future();
  // A second call would throw from set_value and end the test binary: `done` comes exactly once.
  engine.submit(std::move(request),
                [promise](ExchangeResponse response) { promise->set_value(std::move(response)); });
  return future;
}

ExchangeResponse exchange(ExchangeEngine& engine, ExchangeRequest request) {
  auto future = send(engine, std::move(request));
  if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
    ADD_FAILURE() << "no answer within a minute";
    return {};
  }
  return future.get();
}

ExchangeRequest post(std::string url, std::string body) {
  ExchangeRequest request;
  request.url = std::move(url);
  request.headers = {{"Content-Type", "application/json"}};
  request.body = std::move(body);
  return request;
}

}  // namespace tocsin::net::tests
