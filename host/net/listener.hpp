// One listening socket, TCP or Unix: bound with plain system calls, so that a refusal can name the address
// and the reason, and accepted from through Asio.
#pragma once

#include <sys/types.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "model/error.hpp"
#include "net/http_server.hpp"

namespace tocsin::net {

// TCP or Unix; the executor is named because the type-erased default costs on each operation.
using StreamSocket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                                      boost::asio::io_context::executor_type>;

class Listener {
 public:
  using Accept = std::function<void(StreamSocket, Peer)>;

  // `address`: "127.0.0.1:8080" or "[::1]:0". kInvalid: not such a text; kIo: cannot be bound.
  static Result<std::unique_ptr<Listener>> open_tcp(boost::asio::io_context& io, const std::string& address);
  // Mode 0660. A socket file that nobody listens on is replaced; a live one, or another file, is refused.
  static Result<std::unique_ptr<Listener>> open_unix(boost::asio::io_context& io, const std::string& path);
  ~Listener();

  // With the real port; the path of a Unix socket.
  [[nodiscard]] const std::string& address() const { return address_; }
  // [api] Accepts until close(). `accept` outlives this.
  void start(Accept accept);
  // Also removes the socket file, where it is still ours.
  void close();

 private:
  Listener(boost::asio::io_context& io, int descriptor, int family, std::string address);
  void accept_next();
  void take(StreamSocket socket);
  void wait_and_accept();

  boost::asio::basic_socket_acceptor<boost::asio::generic::stream_protocol,
                                     boost::asio::io_context::executor_type>
      acceptor_;
  boost::asio::steady_timer pause_;
  Accept accept_;
  std::string address_;
  bool unix_socket_;
  dev_t device_ = 0;  // of the socket file we made
  ino_t inode_ = 0;
};

}  // namespace tocsin::net
