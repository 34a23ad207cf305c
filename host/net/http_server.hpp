// The local HTTP server: TCP and Unix-socket listeners on one Asio thread ([api]). It reads whole requests
// within limits, refuses what a lenient parser would let through, and answers every failure with
// problem+json. What a request means is the handler's business.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/error.hpp"

namespace tocsin::net {

struct Header {
  std::string name;
  std::string value;
};

struct Peer {
  bool unix_socket = false;
  std::uint32_t uid = 0;  // of the peer process, where unix_socket
  std::string address;    // "127.0.0.1:54321"; empty on a Unix socket
};

struct HttpRequest {
  std::string method;           // "POST"
  std::string path;             // as sent (not decoded), without the query; begins with a slash
  std::string query;            // as sent, without '?'
  std::vector<Header> headers;  // names lower-cased
  std::string body;
  Peer peer;
  std::string id;  // "req_…", for logs and problem documents
  // The first header of this (lower-case) name, "" where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  // The first query parameter of this name, percent-decoded; nullopt where there is none.
  [[nodiscard]] std::optional<std::string> parameter(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::vector<Header> headers;  // names and values are checked for CR, LF and NUL before they go out
  std::string body;
  bool close = false;
  bool reset = false;         // drop the connection without an answer (the sink's faults)
  std::int64_t delay_ms = 0;  // wait before answering (the sink's faults)
};

// A piece of a stream, shared by all who get it.
using Frame = std::shared_ptr<const std::string>;

struct StreamOptions {
  Frame idle;                          // sent where nothing else was for idle_ms; none: null
  std::int64_t idle_ms = 15'000;       // see WHATWG HTML 9.2.7
  Frame last;                          // sent where the server stops; none: null
  std::size_t queued_frames = 256;     // more that the peer has not read, or
  std::size_t queued_bytes = 1 << 20;  // more bytes of them: the peer is too slow and the stream ends
  std::int64_t stalled_ms = 30'000;    // so long without taking a byte: likewise
  std::int64_t lives_ms = 0;           // ends after so long; 0: it does not
  std::function<void()> on_closed;     // [api] once, where it ended otherwise than by the owner's hand
};

class Session;

// A response that goes on after its head until somebody ends it; its end is the connection's. All of it on
// [api]. Dropping it ends it.
class Stream {
 public:
  explicit Stream(std::shared_ptr<Session> session);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  // Takes all of them, in as few writes as the socket allows. False: it has ended, now or before; on_closed
  // is not called for what this call found out.
  [[nodiscard]] bool send(std::span<const Frame> frames);
  // What was sent goes out before the end.
  void close();

 private:
  std::shared_ptr<Session> session_;
};

// Answers one request, exactly once, from any thread; dropping it unanswered sends a 500. Cheap to move.
class Responder {
 public:
  struct Target;
  // What stands between an answer and its sending; it sends the answer, then or later, or another.
  using BeforeSend = std::function<void(HttpResponse, Responder)>;
  explicit Responder(std::shared_ptr<Target> target) : target_(std::move(target)) {}
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept = default;
  ~Responder();
  void send(HttpResponse response);
  // [api], before the request is handed on. Not for streams.
  void before_send(BeforeSend hook);
  // [api] only. Sends the head now (its body and length are ignored) and hands the rest to the caller;
  // nullptr where the client is gone or asked for the head alone. A stream does not count as one of the
  // server's connections: who opens streams limits them.
  [[nodiscard]] std::unique_ptr<Stream> stream(HttpResponse head, StreamOptions options);

 private:
  std::shared_ptr<Target> target_;
};

using HttpHandler = std::function<void(HttpRequest, Responder)>;  // [api]; must not block

struct ServerOptions {
  std::vector<std::string> listen;  // "127.0.0.1:8080", "[::1]:0"; port 0: the kernel picks
  std::string socket;  // Unix socket path, mode 0660; a stale file is replaced, a live one refused
  std::vector<std::string> hosts;          // Host names answered besides loopback names (TCP only); "*": any
  std::size_t line_bytes = 8 << 10;        // request line: 414 above
  std::size_t header_bytes = 16 << 10;     // 431 above
  std::size_t header_count = 64;           // 431 above
  std::size_t body_bytes = 8 << 20;        // 413 above, before the body is read where a length is declared
  std::int64_t header_timeout_ms = 5'000;  // 408
  std::int64_t body_timeout_ms = 30'000;   // 408; and at least 1 KiB/s
  std::int64_t idle_timeout_ms = 60'000;   // keep-alive
  std::size_t connections = 1024;          // above: 503 and close
  std::size_t held_bytes = 256 << 20;      // bodies being read, all together: 503 above
};

class HttpServer {
 public:
  // kIo: an address or the socket cannot be bound; the text names it and the reason.
  static Result<std::unique_ptr<HttpServer>> open(ServerOptions options, HttpHandler handler);
  ~HttpServer();

  // "127.0.0.1:41234", in the order of `listen`, with the real ports.
  [[nodiscard]] const std::vector<std::string>& addresses() const;
  void start();  // spawns [api]
  // [any] Runs `work` on the API thread; many posts before it wakes share one wake-up.
  void post(std::function<void()> work);
  // [any but api] Stops accepting; requests being read or answered may finish within `grace_ms`, then
  // everything closes. Keep-alive connections get "Connection: close" on their next answer. Returns when the
  // thread has ended; a Responder may still be used after it, to no effect.
  void stop(std::int64_t grace_ms);
  [[nodiscard]] std::size_t open_connections() const;  // [any] without streams

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::net
