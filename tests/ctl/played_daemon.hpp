// What the tests of commands need: a run of the command line, and a real HTTP server that plays the daemon.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "ctl/cli.hpp"
#include "net/http_server.hpp"

namespace tocsin::ctl {

struct Ran {
  Exit exit = Exit::kOk;
  std::string out;
  std::string err;
};

inline Ran run(const std::vector<std::string>& arguments, const std::string& input = "",
               const std::map<std::string, std::string>& variables = {}) {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  const Environment environment = [&](const char* name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  const auto exit = run_command(arguments, environment, {in, out, err});
  return {exit, out.str(), err.str()};
}

// Answers every request by its "METHOD path?query"; keeps what it was asked.
class PlayedDaemon : public testing::Test {
 protected:
  void SetUp() override {
    net::ServerOptions options;
    options.listen = {"127.0.0.1:0"};
    auto opened = net::HttpServer::open(options, [this](net::HttpRequest request, net::Responder responder) {
      responder.send(answer(std::move(request)));
    });
    ASSERT_TRUE(opened) << opened.error().detail;
    server_ = std::move(*opened);
    server_->start();
  }
  void TearDown() override { server_->stop(0); }

  net::HttpResponse answer(net::HttpRequest request) {
    const std::lock_guard lock(mutex_);
    const auto target =
        request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query);
    requests_.push_back(std::move(request));
    net::HttpResponse response;
    const auto found = answers_.find(target);
    response.status = found == answers_.end() ? 404 : found->second.first;
    response.body =
        found == answers_.end() ? R"({"title":"Not Found","detail":"nothing here"})" : found->second.second;
    return response;
  }

  void on(const std::string& target, int status, const std::string& body) {
    answers_[target] = {status, body};
  }
  Ran ask(std::vector<std::string> arguments, const std::string& input = "") {
    arguments.insert(arguments.end(),
                     {"--url", "http://" + server_->addresses().front(), "--token", "tcs_x"});
    return run(arguments, input);
  }

  std::mutex mutex_;
  std::map<std::string, std::pair<int, std::string>> answers_;
  std::vector<net::HttpRequest> requests_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace tocsin::ctl
