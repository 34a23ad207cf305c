// See http_server.hpp. The walls of the server: its thread's life, and what a handler holds in its hands. The
// work is in server_loop.cpp and session.cpp.
#include "net/http_server.hpp"

#include <pthread.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "model/ids.hpp"
#include "net/problem.hpp"
#include "net/server_loop.hpp"
#include "net/session.hpp"
#include "ops/log.hpp"

namespace tocsin::net {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A '+' stays one: times with an offset are common parameters, forms are not. A broken escape stays as it is.
std::string percent_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
    if (low < 0) {
      decoded += text[i];
    } else {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return decoded;
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [name](const Header& header) { return header.name == name; });
  return found != headers.end() ? std::string_view(found->value) : std::string_view();
}

std::optional<std::string> HttpRequest::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (percent_decoded(pair.substr(0, equals)) != name) continue;
    return percent_decoded(pair.substr(std::min(equals + 1, pair.size())));
  }
  return std::nullopt;
}

Responder::Target::Target(std::shared_ptr<ServerLoop> server_loop, std::shared_ptr<Session> asking,
                          std::int64_t number)
    : loop(std::move(server_loop)), session(std::move(asking)), request_number(number) {}

Responder::Target::~Target() {
  if (!session) return;
  const std::string id = format_request_id(request_number);
  ops::log_error("net", "a request was dropped unanswered", {{"request", id}});
  loop->answer(std::move(session),
               make_problem(500, "internal", "the server dropped the request unanswered", {}, id));
}

Responder::~Responder() = default;

void Responder::send(HttpResponse response) {
  TOCSIN_EXPECT(target_ != nullptr);  // answered once, and not after a move
  const std::shared_ptr<Target> target = std::exchange(target_, nullptr);
  if (const auto hook = std::exchange(target->before, {})) {
    hook(std::move(response), Responder(target));
    return;
  }
  target->loop->answer(std::move(target->session), std::move(response));
}

void Responder::before_send(BeforeSend hook) {
  target_->before = std::move(hook);
}

std::unique_ptr<Stream> Responder::stream(HttpResponse head, StreamOptions options) {
  TOCSIN_EXPECT(target_ != nullptr);
  const std::shared_ptr<Target> target = std::exchange(target_, nullptr);
  const std::shared_ptr<Session> session = std::exchange(target->session, nullptr);
  if (!session->begin_stream(std::move(head), std::move(options))) return nullptr;
  return std::make_unique<Stream>(session);
}

Stream::Stream(std::shared_ptr<Session> session) : session_(std::move(session)) {}

Stream::~Stream() {
  session_->end_stream();
}

bool Stream::send(std::span<const Frame> frames) {
  return session_->send_frames(frames);
}

void Stream::close() {
  session_->end_stream();
}

class HttpServer::Impl {
 public:
  explicit Impl(std::shared_ptr<ServerLoop> server_loop) : loop(std::move(server_loop)) {}

  std::shared_ptr<ServerLoop> loop;
  std::mutex mutex;  // start and stop
  std::thread thread;
  bool stopped = false;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  stop(0);
}

Result<std::unique_ptr<HttpServer>> HttpServer::open(ServerOptions options, HttpHandler handler) {
  auto loop = std::make_shared<ServerLoop>(std::move(options), std::move(handler));
  if (auto opened = loop->open_listeners(); !opened) {
    loop->finish();
    return opened.error();
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::make_unique<Impl>(std::move(loop))));
}

const std::vector<std::string>& HttpServer::addresses() const {
  return impl_->loop->addresses();
}

void HttpServer::start() {
  const std::lock_guard lock(impl_->mutex);
  TOCSIN_EXPECT(!impl_->stopped && !impl_->thread.joinable());
  impl_->loop->begin_accepting();
  impl_->thread = std::thread([loop = impl_->loop] {
    ::pthread_setname_np(::pthread_self(), "api");
    loop->run();
  });
}

void HttpServer::post(std::function<void()> work) {
  impl_->loop->post(std::move(work));
}

void HttpServer::stop(std::int64_t grace_ms) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->stopped) return;
  impl_->stopped = true;
  if (impl_->thread.joinable()) {
    impl_->loop->request_stop(grace_ms);
    impl_->thread.join();
  }
  impl_->loop->finish();
}

std::size_t HttpServer::open_connections() const {
  return impl_->loop->open_connections();
}

}  // namespace tocsin::net
