// One connection: reads a request within the limits, gives it to the handler, writes the answer, and again.
// One request is worked on at a time; what a client pipelines waits in its socket. All of it on [api].
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/chunked_body.hpp"
#include "net/http_server.hpp"
#include "net/request_head.hpp"
#include "net/server_loop.hpp"
#include "net/stream_state.hpp"

namespace tocsin::net {

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(ServerLoop& loop, StreamSocket socket, Peer peer);
  ~Session();

  void start();
  // Over the cap of connections: says so and closes.
  void start_refusing();
  // The handler's answer to the request in hand.
  void answer(HttpResponse response);
  // The same where the answer goes on. False: the client is gone, or wants the head alone.
  [[nodiscard]] bool begin_stream(HttpResponse head, StreamOptions options);
  [[nodiscard]] bool send_frames(std::span<const Frame> frames);
  void end_stream();
  void check_deadline(std::int64_t now_us);
  // Closes where no request has begun; otherwise the next answer is the last.
  void begin_stop();
  void close();
  // Its place in the loop's list.
  std::size_t slot = 0;
  // Counts against ServerOptions::connections.
  bool counted = true;
  bool refused_over_limit = false;

 private:
  enum class State { kIdle, kHead, kBody, kHandling, kWriting, kStreaming, kLingering, kClosed };
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  // session.cpp: the walk of a request.
  void advance();
  bool advance_head();
  bool advance_body();
  bool take_length_body();
  bool take_chunked_body();
  bool begin_body();
  void deliver();
  void begin_request();
  void refuse(const Refusal& refusal);
  [[nodiscard]] std::string_view unread() const { return {in_.data() + in_begin_, in_end_ - in_begin_}; }
  bool hold(std::size_t bytes);

  // session_io.cpp: bytes in and out.
  void start_read();
  void on_read(const boost::system::error_code& error, std::size_t bytes);
  void make_room();
  void write_continue();
  void write(HttpResponse response);
  void write_rest(std::size_t written);
  void after_write();
  void linger();
  void delay(HttpResponse response);
  void set_deadline_in(std::int64_t ms);

  // session_stream.cpp: answers that go on.
  void watch_peer();
  void write_frames();
  void frames_written(std::size_t bytes);
  void keep_stream_alive(std::int64_t now_us);
  void drop_stream();
  void end_stream_with_last();

  ServerLoop& loop_;
  StreamSocket socket_;
  const Peer peer_;
  State state_ = State::kIdle;
  bool reading_ = false;      // an async read is outstanding
  bool advancing_ = false;    // advance() is on the stack
  bool last_answer_ = false;  // the connection closes after the answer in hand
  bool refused_ = false;      // and the client may still be sending
  std::int64_t deadline_us_ = kNever;

  std::vector<char> in_;  // [in_begin_, in_end_) is received and not yet used
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;

  HttpRequest request_;
  std::int64_t request_number_ = 0;
  Framing framing_;
  HeadScanner scanner_;
  ChunkedBody chunks_;
  std::size_t held_bytes_ = 0;  // of ServerOptions::held_bytes
  std::int64_t body_since_us_ = 0;
  std::size_t body_seen_ = 0;  // bytes that arrived since then, for the minimum rate

  std::string out_head_;
  std::string out_body_;
  std::unique_ptr<boost::asio::steady_timer> delay_;
  std::unique_ptr<StreamState> stream_;
};

}  // namespace tocsin::net
