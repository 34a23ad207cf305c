// Everything the API thread owns: the io_context, the open sessions, the one coarse timer that ends the slow
// ones, and the mailbox through which other threads answer. It outlives the HttpServer for as long as an
// unanswered Responder is held somewhere; after finish() nothing reaches a handler any more.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "model/clock.hpp"
#include "net/http_server.hpp"
#include "net/listener.hpp"
#include "net/request_head.hpp"
#include "ops/mailbox.hpp"

namespace tocsin::net {

class Session;

class ServerLoop : public std::enable_shared_from_this<ServerLoop> {
 public:
  ServerLoop(ServerOptions options, HttpHandler handler);
  ~ServerLoop();

  Result<void> open_listeners();
  void begin_accepting();
  // Runs until a stop is complete. This thread is [api].
  void run();
  // [any] See HttpServer::stop.
  void request_stop(std::int64_t grace_ms);
  // After run() has returned, or instead of it: what is still queued is dropped, and so is what comes later.
  void finish();

  // [any]
  void post(std::function<void()> work);
  // [any] From [api] itself the answer goes out at once.
  void answer(std::shared_ptr<Session> session, HttpResponse response);
  [[nodiscard]] std::size_t open_connections() const { return connections_.load(std::memory_order_relaxed); }
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }

  // The rest: [api].
  void admit(StreamSocket socket, Peer peer);
  void forget(Session& session);
  // It has become a stream, which is not one of the connections that are limited here.
  void uncount(Session& session);
  // Where a session's first deadline is set the timer starts to run.
  void watch();
  // Reserves room for request bodies; false where all together are over the limit.
  [[nodiscard]] bool hold_bytes(std::size_t bytes);
  void release_bytes(std::size_t bytes) { held_bytes_ -= bytes; }
  void handle(HttpRequest request, std::shared_ptr<Session> session, std::int64_t request_number);
  [[nodiscard]] std::string_view http_date();
  [[nodiscard]] std::int64_t now_us() const { return clock_.steady_us(); }
  [[nodiscard]] std::int64_t next_request_number() { return next_request_++; }
  [[nodiscard]] const ServerOptions& options() const { return options_; }
  [[nodiscard]] const HostList& hosts() const { return hosts_; }
  [[nodiscard]] bool stopping() const { return stopping_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }

 private:
  struct Answer {
    std::shared_ptr<Session> session;
    HttpResponse response;
  };
  using Item = std::variant<Answer, std::function<void()>>;

  void push(Item item);
  void drain();
  void sweep();
  void begin_stop(std::int64_t grace_ms);
  void end_if_idle();

  const ServerOptions options_;
  HttpHandler handler_;
  const HostList hosts_;
  SystemClock clock_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer grace_timer_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::string> addresses_;
  std::vector<std::shared_ptr<Session>> sessions_;
  ops::Mailbox<Item> mailbox_;
  std::vector<Item> batch_;
  std::atomic<std::size_t> connections_{0};
  std::atomic<bool> closed_{false};
  std::size_t held_bytes_ = 0;
  std::size_t refusing_ = 0;  // connections over the limit that are being told so
  std::int64_t next_request_;
  std::int64_t date_s_ = 0;
  std::string date_;
  std::int64_t sweep_ms_;
  bool sweeping_ = false;
  bool stopping_ = false;
};

// Of one request. Destroyed unanswered, however that came about, it answers with a 500.
struct Responder::Target {
  Target(std::shared_ptr<ServerLoop> server_loop, std::shared_ptr<Session> asking, std::int64_t number);
  ~Target();
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;

  std::shared_ptr<ServerLoop> loop;
  std::shared_ptr<Session> session;  // nullptr: answered
  std::int64_t request_number;
  Responder::BeforeSend before;
};

}  // namespace tocsin::net
