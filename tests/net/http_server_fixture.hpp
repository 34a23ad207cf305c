// A running server on a kernel-picked port, with a handler that each test sets.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "net/http_server.hpp"
#include "net/raw_client.hpp"

namespace tocsin::net {

class HttpServerTest : public testing::Test {
 protected:
  // Answers 200 with what was asked, as "POST /path?query 5".
  static void echo(HttpRequest request, Responder responder) {
    HttpResponse response;
    response.content_type = "text/plain";
    response.body = request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query) +
                    " " + std::to_string(request.body.size());
    responder.send(std::move(response));
  }

  void serve(ServerOptions options = {}, HttpHandler handler = echo) {
    if (options.listen.empty()) options.listen = {"127.0.0.1:0"};
    auto opened = HttpServer::open(std::move(options), std::move(handler));
    ASSERT_TRUE(opened) << opened.error().detail;
    server_ = std::move(*opened);
    address_ = server_->addresses().at(0);
    server_->start();
  }

  [[nodiscard]] RawClient client() const { return RawClient(address_); }

  // A whole request on a connection of its own, to see that the server still serves.
  [[nodiscard]] bool still_serves() const {
    RawClient probe(address_);
    const auto answer =
        probe.connected() && probe.send("GET /probe HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            ? probe.read_answer()
            : std::nullopt;
    return answer && answer->status == 200 && probe.read_end();
  }

  std::unique_ptr<HttpServer> server_;
  std::string address_;
};

}  // namespace tocsin::net
