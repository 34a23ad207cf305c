// What one keep-alive request costs the server: 64 connections, a 500-byte body each, a handler that answers
// at once ("inline") or from another thread in batches, as the store does ("batched"). The client is a bare
// epoll loop in this process; only the server thread's CPU is counted. Prints a JSON line a cell.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/http_server.hpp"
#include "ops/mailbox.hpp"

namespace {

using tocsin::net::HttpRequest;
using tocsin::net::HttpResponse;
using tocsin::net::HttpServer;
using tocsin::net::Responder;
using tocsin::net::ServerOptions;

constexpr int kConnections = 64;

std::string request_text() {
  const std::string body = "{\"x\":\"" + std::string(492, 'a') + "\"}";
  return "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer tcs_0123456789abcdef_" +
         std::string(43, 'k') +
         "\r\nContent-Type: application/json\r\nUser-Agent: bench/1\r\nAccept: */*\r\n" +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

HttpResponse accepted() {
  HttpResponse response;
  response.status = 202;
  response.body =
      R"({"id":"evt_01KBQ5T8Z0004","duplicate":false,"deliveries":[{"id":"dlv_01KBQ5T8Z0005","channel":"ops"}]})";
  return response;
}

// Takes what waits and answers it together, like a group commit.
class Batcher {
 public:
  Batcher() : thread_([this] { run(); }) {}
  ~Batcher() {
    stopping_ = true;
    wake_.release();
    thread_.join();
  }
  void put(Responder responder) {
    if (box_.push(std::move(responder))) wake_.release();
  }

 private:
  void run() {
    std::vector<Responder> batch;
    while (!stopping_) {
      wake_.acquire();
      box_.take_all(batch);
      for (Responder& responder : batch) responder.send(accepted());
    }
  }
  tocsin::ops::Mailbox<Responder> box_;
  std::counting_semaphore<> wake_{0};
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

int connect_to(const std::string& address) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.find(':') + 1))));
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::abort();
  return fd;
}

// Sends the next request of a connection when its answer is there; an answer arrives in one piece here.
void drive(const std::string& address, int requests) {
  const std::string text = request_text();
  const int poll = ::epoll_create1(0);
  std::vector<int> sockets;
  int sent = 0;
  for (; sent < kConnections; ++sent) {
    const int fd = sockets.emplace_back(connect_to(address));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
    if (::send(fd, text.data(), text.size(), 0) < 0) std::abort();
  }
  epoll_event events[kConnections];
  char answer[4096];
  for (int answered = 0; answered < requests;) {
    const int ready = ::epoll_wait(poll, events, kConnections, 10'000);
    if (ready <= 0) std::abort();
    for (int i = 0; i < ready; ++i) {
      const int fd = events[i].data.fd;
      if (::recv(fd, answer, sizeof answer, 0) <= 12 || answer[9] != '2') std::abort();
      ++answered;
      if (sent++ < requests && ::send(fd, text.data(), text.size(), 0) < 0) std::abort();
    }
  }
  for (const int fd : sockets) ::close(fd);
  ::close(poll);
}

double server_cpu_us(HttpServer& server) {
  std::promise<double> cpu;
  server.post([&cpu] {
    timespec used{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    cpu.set_value(static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3);
  });
  return cpu.get_future().get();
}

void measure(const char* mode, int requests, tocsin::net::HttpHandler handler) {
  ServerOptions options;
  options.listen = {"127.0.0.1:0"};
  auto server = HttpServer::open(options, std::move(handler));
  if (!server) std::abort();
  (*server)->start();
  drive((*server)->addresses()[0], 5'000);
  const double cpu_before = server_cpu_us(**server);
  const auto begun = std::chrono::steady_clock::now();
  drive((*server)->addresses()[0], requests);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double cpu = server_cpu_us(**server) - cpu_before;
  std::printf(R"({"bench":"http_server","mode":"%s","connections":%d,"body_bytes":500,"requests":%d,)"
              R"("requests_per_s":%.0f,"server_cpu_us_per_request":%.2f,"target_us":20})"
              "\n",
              mode, kConnections, requests, requests / seconds, cpu / requests);
}

}  // namespace

int main(int count, char** arguments) {
  const int requests = count > 1 ? std::atoi(arguments[1]) : 200'000;
  measure("inline", requests, [](HttpRequest, Responder responder) { responder.send(accepted()); });
  Batcher batcher;
  measure("batched", requests, [&](HttpRequest, Responder responder) { batcher.put(std::move(responder)); });
  return 0;
}
