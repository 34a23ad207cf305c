// See session.hpp. Moves the bytes: one buffer in, one head and one body out, no timer of its own.
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstring>
#include <utility>

#include "model/ids.hpp"
#include "net/problem.hpp"
#include "net/response_text.hpp"
#include "net/session.hpp"
#include "ops/log.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kFirstBuffer = 4 << 10;
constexpr std::size_t kBodyBuffer = 64 << 10;
// How long a client may take to read the answer to a request that was not read to its end.
constexpr std::int64_t kLingerMs = 2'000;
constexpr std::size_t kKeptBody = 64 << 10;
// With more connections than this an idle one does not keep a buffer grown for a large request.
constexpr std::size_t kRoomyConnections = 128;

}  // namespace

void Session::set_deadline_in(std::int64_t ms) {
  deadline_us_ = loop_.now_us() + ms * 1000;
  loop_.watch();
}

// Makes the buffer empty at its end: by moving what is left, or by growing it towards the limits of a head or
// to a good size for reading a body.
void Session::make_room() {
  if (in_begin_ > 0) {
    std::memmove(in_.data(), in_.data() + in_begin_, in_end_ - in_begin_);
    in_end_ -= in_begin_;
    in_begin_ = 0;
  }
  const ServerOptions& options = loop_.options();
  if (state_ == State::kIdle && in_end_ == 0 && in_.size() > kFirstBuffer &&
      loop_.open_connections() > kRoomyConnections) {
    std::vector<char>(kFirstBuffer).swap(in_);
  }
  const bool long_body = state_ == State::kBody && (framing_.chunked || framing_.length > kFirstBuffer);
  if (in_.empty()) {
    in_.resize(kFirstBuffer);
  } else if (long_body && in_.size() < kBodyBuffer) {
    in_.resize(kBodyBuffer);
  } else if (in_end_ == in_.size()) {
    // The scanner refuses a head that is longer than this.
    in_.resize(
        std::min(in_.size() * 2, std::max(in_.size(), options.line_bytes + options.header_bytes) + 64));
  }
}

void Session::start_read() {
  if (reading_) return;
  reading_ = true;
  make_room();
  socket_.async_read_some(boost::asio::buffer(in_.data() + in_end_, in_.size() - in_end_),
                          [self = shared_from_this()](const boost::system::error_code& error,
                                                      std::size_t bytes) { self->on_read(error, bytes); });
}

void Session::on_read(const boost::system::error_code& error, std::size_t bytes) {
  reading_ = false;
  switch (state_) {
    case State::kIdle:
    case State::kHead:
    case State::kBody:
      break;
    case State::kLingering:
      in_begin_ = in_end_ = 0;
      if (error) {
        close();
      } else {
        start_read();
      }
      return;
    default:
      // Refused while this read was under way; the rest is dropped.
      in_begin_ = in_end_ = 0;
      return;
  }
  if (error) {
    if (error == boost::asio::error::eof && state_ != State::kIdle) {
      refuse({400, "bad-request", "the connection ended before the request did"});
    } else {
      close();
    }
    return;
  }
  in_end_ += bytes;
  advance();
}

void Session::write_continue() {
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  boost::system::error_code error;
  // The send buffer is empty here: the answer before this request was written.
  if (socket_.write_some(boost::asio::buffer(kContinue), error) != kContinue.size() || error) close();
}

void Session::write(HttpResponse response) {
  if (const std::string_view fault = response_fault(response); !fault.empty()) {
    const std::string id = format_request_id(request_number_);
    ops::log_error("net", "refused to send a response", {{"request", id}, {"reason", fault}});
    response = make_problem(500, "internal", "the server made an answer that it must not send", {}, id);
  }
  if (loop_.stopping() || response.close) last_answer_ = true;
  write_response_head(out_head_, response, {!last_answer_, framing_.http10, loop_.http_date()});
  out_body_ =
      framing_.head_request || !status_has_body(response.status) ? std::string() : std::move(response.body);
  state_ = State::kWriting;
  set_deadline_in(loop_.options().body_timeout_ms);
  const std::array<boost::asio::const_buffer, 2> buffers = {boost::asio::buffer(out_head_),
                                                            boost::asio::buffer(out_body_)};
  boost::system::error_code error;
  const std::size_t written = socket_.write_some(buffers, error);
  if (error && error != boost::asio::error::would_block) {
    close();
  } else if (written == out_head_.size() + out_body_.size()) {
    after_write();
  } else {
    write_rest(written);
  }
}

void Session::write_rest(std::size_t written) {
  const std::size_t of_head = std::min(written, out_head_.size());
  const std::array<boost::asio::const_buffer, 2> rest = {
      boost::asio::buffer(out_head_) + of_head, boost::asio::buffer(out_body_) + (written - of_head)};
  boost::asio::async_write(socket_, rest,
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                             if (self->state_ != State::kWriting) return;
                             if (error) {
                               self->close();
                             } else {
                               self->after_write();
                             }
                           });
}

void Session::after_write() {
  if (out_body_.capacity() > kKeptBody) std::string().swap(out_body_);
  if (last_answer_ || loop_.stopping()) {
    linger();
    return;
  }
  state_ = State::kIdle;
  set_deadline_in(loop_.options().idle_timeout_ms);
  advance();
}

// A close with bytes unread would reset the connection, and the client might never see the answer.
void Session::linger() {
  boost::system::error_code error;
  const bool all_read = !reading_ && in_begin_ == in_end_ && socket_.available(error) == 0;
  if (all_read && !refused_) {
    close();
    return;
  }
  state_ = State::kLingering;
  in_begin_ = in_end_ = 0;
  set_deadline_in(kLingerMs);
  socket_.shutdown(boost::asio::socket_base::shutdown_send, error);
  start_read();
}

void Session::delay(HttpResponse response) {
  delay_ =
      std::make_unique<boost::asio::steady_timer>(loop_.io(), std::chrono::milliseconds(response.delay_ms));
  response.delay_ms = 0;
  delay_->async_wait([self = shared_from_this(),
                      response = std::move(response)](const boost::system::error_code& error) mutable {
    if (!error) self->answer(std::move(response));
  });
}

void Session::close() {
  if (state_ == State::kClosed) return;
  state_ = State::kClosed;
  loop_.release_bytes(std::exchange(held_bytes_, 0));
  if (delay_) delay_->cancel();
  boost::system::error_code ignored;
  socket_.close(ignored);
  loop_.forget(*this);
  drop_stream();
}

}  // namespace tocsin::net
