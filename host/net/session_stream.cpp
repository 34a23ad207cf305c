// See session.hpp and Stream in http_server.hpp. Frames are shared between all streams that get them, so what
// waits here are pointers; several that wait leave in one write. The buffer for requests is given back:
// nothing more is read but that the peer is gone.
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <utility>

#include "model/ids.hpp"
#include "net/response_text.hpp"
#include "net/session.hpp"
#include "ops/log.hpp"

namespace tocsin::net {
namespace {

constexpr std::size_t kBuffersAtOnce = 64;  // of one write; the kernel takes up to 1,024

}  // namespace

bool Session::begin_stream(HttpResponse head, StreamOptions options) {
  if (state_ != State::kHandling) return false;  // closed meanwhile
  head.body.clear();
  if (framing_.head_request) {
    answer(std::move(head));
    return false;
  }
  if (const std::string_view fault = response_fault(head); !fault.empty()) {
    ops::log_error("net", "refused to start a stream",
                   {{"request", format_request_id(request_number_)}, {"reason", fault}});
    close();
    return false;
  }
  std::string text;
  write_response_head(text, head, {false, framing_.http10, loop_.http_date(), true});
  state_ = State::kStreaming;
  deadline_us_ = kNever;
  loop_.uncount(*this);
  request_ = HttpRequest{};
  std::string().swap(out_head_);
  std::string().swap(out_body_);
  stream_ = std::make_unique<StreamState>();
  stream_->options = std::move(options);
  stream_->last_us = loop_.now_us();
  if (stream_->options.lives_ms > 0) stream_->ends_us = stream_->last_us + stream_->options.lives_ms * 1000;
  loop_.watch();
  if (!reading_) {
    std::vector<char>().swap(in_);
    in_begin_ = in_end_ = 0;
    watch_peer();
  }
  const Frame first = std::make_shared<const std::string>(std::move(text));
  return send_frames({&first, 1});
}

// What a peer sends is dropped; that it closes ends the stream.
void Session::watch_peer() {
  socket_.async_wait(StreamSocket::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (self->state_ != State::kStreaming) return;
                       std::array<char, 512> dropped{};
                       boost::system::error_code read_error = error;
                       if (!error) self->socket_.read_some(boost::asio::buffer(dropped), read_error);
                       if (read_error && read_error != boost::asio::error::would_block) {
                         self->close();
                       } else {
                         self->watch_peer();
                       }
                     });
}

bool Session::send_frames(std::span<const Frame> frames) {
  if (state_ != State::kStreaming || stream_->ending) return false;
  StreamState& stream = *stream_;
  for (const Frame& frame : frames) {
    if (frame->empty()) continue;
    stream.waiting.push_back(frame);
    stream.bytes += frame->size();
  }
  if (stream.blocked &&
      (stream.waiting.size() > stream.options.queued_frames || stream.bytes > stream.options.queued_bytes)) {
    stream.in_call = true;
    close();
    return false;
  }
  if (!stream.blocked) {
    stream.in_call = true;
    write_frames();
    if (state_ != State::kStreaming) return false;
    stream_->in_call = false;
  }
  return true;
}

void Session::write_frames() {
  StreamState& stream = *stream_;
  stream.last_us = loop_.now_us();
  while (!stream.waiting.empty()) {
    std::array<boost::asio::const_buffer, kBuffersAtOnce> buffers;
    std::size_t count = 0, total = 0;
    for (auto at = stream.waiting.begin(); at != stream.waiting.end() && count < kBuffersAtOnce;
         ++at, ++count) {
      buffers[count] = boost::asio::buffer(**at);
      if (count == 0) buffers[0] += stream.first_written;
      total += buffers[count].size();
    }
    boost::system::error_code error;
    const std::size_t written = socket_.write_some(std::span(buffers.data(), count), error);
    if (error && error != boost::asio::error::would_block) return close();
    frames_written(written);
    if (written < total) break;
  }
  if (stream.waiting.empty()) {
    deadline_us_ = kNever;
    if (stream.ending) close();
    return;
  }
  stream.blocked = true;
  set_deadline_in(stream.options.stalled_ms);
  socket_.async_wait(StreamSocket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (self->state_ != State::kStreaming) return;
                       if (error) return self->close();
                       self->stream_->blocked = false;
                       self->write_frames();
                     });
}

void Session::frames_written(std::size_t bytes) {
  StreamState& stream = *stream_;
  stream.bytes -= bytes;
  bytes += std::exchange(stream.first_written, 0);
  while (!stream.waiting.empty() && bytes >= stream.waiting.front()->size()) {
    bytes -= stream.waiting.front()->size();
    stream.waiting.pop_front();
  }
  stream.first_written = bytes;
}

void Session::keep_stream_alive(std::int64_t now_us) {
  const StreamState& stream = *stream_;
  if (stream.ends_us != 0 && now_us >= stream.ends_us) return close();
  if (!stream.options.idle || stream.blocked || now_us - stream.last_us < stream.options.idle_ms * 1000)
    return;
  const std::function<void()> on_closed = stream.options.on_closed;
  const Frame idle = stream.options.idle;
  if (!send_frames({&idle, 1}) && on_closed) on_closed();
}

void Session::end_stream() {
  if (state_ != State::kStreaming) return;
  stream_->options.on_closed = nullptr;
  stream_->ending = true;
  if (stream_->waiting.empty()) close();
}

void Session::end_stream_with_last() {
  StreamState& stream = *stream_;
  const std::function<void()> on_closed = std::move(stream.options.on_closed);
  stream.options.on_closed = nullptr;
  bool open = true;
  if (const Frame last = stream.options.last; last) open = send_frames({&last, 1});
  if (open && state_ == State::kStreaming) end_stream();
  if (on_closed) on_closed();
}

// Tells the owner, unless it is just being told or ended it itself. The state itself lives as long as the
// session, since a call of the owner's may be on the stack.
void Session::drop_stream() {
  if (!stream_) return;
  stream_->waiting.clear();
  const std::function<void()> on_closed = std::exchange(stream_->options.on_closed, nullptr);
  if (on_closed && !stream_->in_call) on_closed();
}

}  // namespace tocsin::net
