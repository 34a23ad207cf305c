// See session.hpp. What the bytes mean; session_io.cpp moves them.
#include "net/session.hpp"

#include <algorithm>
#include <utility>

#include "model/ids.hpp"
#include "net/problem.hpp"

namespace tocsin::net {
namespace {

// A body's slowest permitted pace, after a start in which it may be slower.
constexpr std::int64_t kBytesPerSecond = 1024;
// What a body reserves at once on its client's word alone.
constexpr std::size_t kReservedBytes = 64 << 10;

}  // namespace

Session::Session(ServerLoop& loop, StreamSocket socket, Peer peer)
    : loop_(loop), socket_(std::move(socket)), peer_(std::move(peer)) {}

Session::~Session() = default;

void Session::start() {
  set_deadline_in(loop_.options().idle_timeout_ms);
  advance();
}

void Session::start_refusing() {
  begin_request();
  refuse({503, "unavailable", "too many connections are open: close idle ones or try again"});
}

// Goes on until it needs bytes, an answer or a finished write.
void Session::advance() {
  if (advancing_) return;
  advancing_ = true;
  for (bool more = true; more;) {
    switch (state_) {
      case State::kIdle:
      case State::kHead:
        more = advance_head();
        break;
      case State::kBody:
        more = advance_body();
        break;
      default:
        more = false;
        break;
    }
  }
  advancing_ = false;
  if (state_ == State::kIdle || state_ == State::kHead || state_ == State::kBody) start_read();
}

void Session::begin_request() {
  request_ = HttpRequest{};
  framing_ = Framing{};
  scanner_ = HeadScanner{};
  chunks_ = ChunkedBody{};
  request_number_ = loop_.next_request_number();
}

bool Session::advance_head() {
  if (in_begin_ == in_end_) return false;
  if (state_ == State::kIdle) {
    state_ = State::kHead;
    begin_request();
    set_deadline_in(loop_.options().header_timeout_ms);
  }
  const ServerOptions& options = loop_.options();
  const HeadLimits limits{options.line_bytes, options.header_bytes, options.header_count};
  if (const auto refusal = scanner_.scan(unread(), limits)) {
    refuse(*refusal);
    return false;
  }
  if (scanner_.end() == 0) return false;
  const std::string_view head = unread().substr(0, scanner_.end()).substr(scanner_.start());
  const HostList* const hosts = peer_.unix_socket ? nullptr : &loop_.hosts();
  if (const auto refusal = read_head(head, hosts, request_, framing_)) {
    refuse(*refusal);
    return false;
  }
  in_begin_ += scanner_.end();
  return begin_body();
}

bool Session::begin_body() {
  if (framing_.length > loop_.options().body_bytes) {
    refuse({413, "too-large", "the body is over the limit: send fewer or smaller events at a time"});
    return false;
  }
  state_ = State::kBody;
  body_since_us_ = loop_.now_us();
  body_seen_ = 0;
  set_deadline_in(loop_.options().body_timeout_ms);
  const bool whole = !framing_.chunked && unread().size() >= framing_.length;
  if (framing_.expect_continue && !whole) write_continue();
  if (!framing_.chunked) {
    request_.body.reserve(std::min(static_cast<std::size_t>(framing_.length), kReservedBytes));
  }
  return state_ == State::kBody;
}

bool Session::advance_body() {
  return framing_.chunked ? take_chunked_body() : take_length_body();
}

bool Session::take_length_body() {
  const std::size_t missing = static_cast<std::size_t>(framing_.length) - request_.body.size();
  const std::string_view part = unread().substr(0, missing);
  if (!hold(part.size())) return false;
  request_.body.append(part);
  in_begin_ += part.size();
  body_seen_ += part.size();
  if (part.size() < missing) return false;
  deliver();
  return true;
}

bool Session::take_chunked_body() {
  std::size_t used = 0;
  const std::size_t before = request_.body.size();
  if (const auto refusal = chunks_.take(unread(), loop_.options().body_bytes, request_.body, used)) {
    refuse(*refusal);
    return false;
  }
  in_begin_ += used;
  body_seen_ += used;
  if (!hold(request_.body.size() - before)) return false;
  if (!chunks_.done()) return false;
  deliver();
  return true;
}

// Bodies that are being read count together, so that many large ones cannot fill the memory.
bool Session::hold(std::size_t bytes) {
  if (loop_.hold_bytes(bytes)) {
    held_bytes_ += bytes;
    return true;
  }
  refuse({503, "unavailable", "too many request bodies are being read at once: try again"});
  return false;
}

void Session::deliver() {
  state_ = State::kHandling;
  deadline_us_ = kNever;
  last_answer_ = !framing_.keep_alive;
  loop_.release_bytes(std::exchange(held_bytes_, 0));
  request_.peer = peer_;
  request_.id = format_request_id(request_number_);
  loop_.handle(std::move(request_), shared_from_this(), request_number_);
}

void Session::refuse(const Refusal& refusal) {
  last_answer_ = refused_ = true;
  state_ = State::kHandling;
  loop_.release_bytes(std::exchange(held_bytes_, 0));
  write(make_problem(refusal.status, refusal.kind, refusal.detail, {}, format_request_id(request_number_)));
}

void Session::answer(HttpResponse response) {
  if (state_ != State::kHandling) return;  // closed meanwhile
  if (response.reset) {
    boost::system::error_code ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    close();
    return;
  }
  if (response.delay_ms > 0) {
    delay(std::move(response));
    return;
  }
  write(std::move(response));
}

void Session::check_deadline(std::int64_t now_us) {
  if (state_ == State::kBody) {
    const std::int64_t start_ms = std::min<std::int64_t>(5'000, loop_.options().header_timeout_ms);
    const std::int64_t paced_us = now_us - body_since_us_ - start_ms * 1000;
    if (paced_us > 0 && static_cast<std::int64_t>(body_seen_) < paced_us * kBytesPerSecond / 1'000'000) {
      refuse({408, "request-timeout", "the body arrives too slowly: at least 1 KiB a second is expected"});
      return;
    }
  }
  if (state_ == State::kStreaming) keep_stream_alive(now_us);
  if (state_ == State::kClosed) return;
  if (now_us < deadline_us_) return;
  if (state_ == State::kHead) {
    refuse({408, "request-timeout", "the request's head did not arrive in time"});
  } else if (state_ == State::kBody) {
    refuse({408, "request-timeout", "the request's body did not arrive in time"});
  } else {
    close();
  }
}

void Session::begin_stop() {
  if (state_ == State::kStreaming) return end_stream_with_last();
  if (state_ != State::kIdle) return;
  boost::system::error_code error;
  // A request that has reached this host is answered yet.
  if (socket_.available(error) == 0 || error) close();
}

}  // namespace tocsin::net
