// See server_loop.hpp.
#include "net/server_loop.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "net/problem.hpp"
#include "net/response_text.hpp"
#include "net/session.hpp"
#include "ops/log.hpp"

namespace tocsin::net {
namespace {

// Over the cap a connection is told so, but only so many are told at once.
constexpr std::size_t kRefusedConnections = 64;

// A quarter of the shortest timeout, between 10 and 500 ms: what a timeout may be late by.
std::int64_t sweep_interval_ms(const ServerOptions& options) {
  const std::int64_t shortest =
      std::min({options.header_timeout_ms, options.body_timeout_ms, options.idle_timeout_ms});
  return std::clamp<std::int64_t>(shortest / 4, 10, 500);
}

}  // namespace

ServerLoop::ServerLoop(ServerOptions options, HttpHandler handler)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      hosts_(options_.hosts),
      work_(io_.get_executor()),
      sweep_timer_(io_),
      grace_timer_(io_),
      next_request_(clock_.unix_ms() << 20),
      sweep_ms_(sweep_interval_ms(options_)) {}

ServerLoop::~ServerLoop() = default;

Result<void> ServerLoop::open_listeners() {
  for (const std::string& address : options_.listen) {
    auto listener = Listener::open_tcp(io_, address);
    if (!listener) return listener.error();
    addresses_.push_back((*listener)->address());
    listeners_.push_back(std::move(*listener));
  }
  if (!options_.socket.empty()) {
    auto listener = Listener::open_unix(io_, options_.socket);
    if (!listener) return listener.error();
    listeners_.push_back(std::move(*listener));
  }
  return {};
}

void ServerLoop::begin_accepting() {
  for (const auto& listener : listeners_) {
    listener->start([this](StreamSocket socket, Peer peer) { admit(std::move(socket), std::move(peer)); });
  }
}

void ServerLoop::run() {
  io_.run();
}

void ServerLoop::request_stop(std::int64_t grace_ms) {
  boost::asio::post(io_, [this, grace_ms] { begin_stop(grace_ms); });
}

void ServerLoop::begin_stop(std::int64_t grace_ms) {
  stopping_ = true;
  for (const auto& listener : listeners_) listener->close();
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    const std::shared_ptr<Session> session = sessions_[i];
    session->begin_stop();
  }
  grace_timer_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(grace_ms, 0)));
  grace_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    while (!sessions_.empty()) {
      const std::shared_ptr<Session> session = sessions_.back();
      session->close();
    }
    end_if_idle();
  });
  end_if_idle();
}

// With nothing left to wait for, run() returns.
void ServerLoop::end_if_idle() {
  if (!stopping_ || !sessions_.empty()) return;
  grace_timer_.cancel();
  sweep_timer_.cancel();
  work_.reset();
}

void ServerLoop::finish() {
  for (const auto& listener : listeners_) listener->close();
  closed_.store(true);
  // Either this sees what was pushed before, or the pusher sees closed_ and takes it out itself.
  std::vector<Item> dropped;
  mailbox_.take_all(dropped);
  handler_ = nullptr;
}

void ServerLoop::post(std::function<void()> work) {
  push(std::move(work));
}

void ServerLoop::answer(std::shared_ptr<Session> session, HttpResponse response) {
  if (io_.get_executor().running_in_this_thread()) {
    session->answer(std::move(response));
  } else {
    push(Answer{std::move(session), std::move(response)});
  }
}

void ServerLoop::push(Item item) {
  const bool wake = mailbox_.push(std::move(item));
  if (closed_.load()) {
    std::vector<Item> dropped;
    mailbox_.take_all(dropped);
  } else if (wake) {
    boost::asio::post(io_, [this] { drain(); });
  }
}

void ServerLoop::drain() {
  mailbox_.take_all(batch_);
  for (Item& item : batch_) {
    if (auto* answer = std::get_if<Answer>(&item)) {
      answer->session->answer(std::move(answer->response));
      continue;
    }
    try {
      std::get<std::function<void()>>(item)();
    } catch (const std::exception& error) {
      ops::log_error("net", "posted work threw", {{"what", error.what()}});
    }
  }
  batch_.clear();
}

void ServerLoop::admit(StreamSocket socket, Peer peer) {
  const bool over = open_connections() >= options_.connections;
  if (stopping_ || (over && refusing_ >= kRefusedConnections)) return;
  auto session = std::make_shared<Session>(*this, std::move(socket), std::move(peer));
  session->slot = sessions_.size();
  session->counted = !over;
  sessions_.push_back(session);
  if (!over) {
    connections_.fetch_add(1, std::memory_order_relaxed);
    session->start();
  } else {
    ++refusing_;
    session->refused_over_limit = true;
    ops::log_warn("net", "refused a connection over the limit", {{"limit", options_.connections}});
    session->start_refusing();
  }
}

void ServerLoop::forget(Session& session) {
  const std::size_t slot = session.slot;
  if (session.counted) connections_.fetch_sub(1, std::memory_order_relaxed);
  if (session.refused_over_limit) --refusing_;
  sessions_.back()->slot = slot;
  std::swap(sessions_[slot], sessions_.back());
  sessions_.pop_back();
  end_if_idle();
}

void ServerLoop::uncount(Session& session) {
  if (session.counted) connections_.fetch_sub(1, std::memory_order_relaxed);
  session.counted = false;
}

void ServerLoop::watch() {
  if (sweeping_) return;
  sweeping_ = true;
  sweep_timer_.expires_after(std::chrono::milliseconds(sweep_ms_));
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    sweeping_ = false;
    if (!error) sweep();
  });
}

void ServerLoop::sweep() {
  const std::int64_t now = now_us();
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    const std::shared_ptr<Session> session = sessions_[i];
    session->check_deadline(now);
  }
  if (!sessions_.empty()) watch();
}

bool ServerLoop::hold_bytes(std::size_t bytes) {
  if (bytes > options_.held_bytes - std::min(options_.held_bytes, held_bytes_)) return false;
  held_bytes_ += bytes;
  return true;
}

void ServerLoop::handle(HttpRequest request, std::shared_ptr<Session> session, std::int64_t request_number) {
  // Nothing is answered twice: whatever path drops the responder unanswered sends the 500.
  try {
    handler_(std::move(request), Responder(std::make_shared<Responder::Target>(
                                     shared_from_this(), std::move(session), request_number)));
  } catch (const std::exception& error) {
    ops::log_error("net", "the handler threw", {{"what", error.what()}});
  }
}

std::string_view ServerLoop::http_date() {
  const std::int64_t now_s = clock_.unix_ms() / 1000;
  if (now_s != date_s_) {
    date_s_ = now_s;
    date_ = format_http_date(now_s);
  }
  return date_;
}

}  // namespace tocsin::net
