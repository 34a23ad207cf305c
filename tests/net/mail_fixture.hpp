// What the mail tests share: an engine that may reach loopback, a mail to send, and waiting for its answer.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/egress_receiver.hpp"
#include "net/mail_server.hpp"

namespace tocsin::net::tests {

inline EgressOptions mail_options(const MailServer& server) {
  auto options = loopback_options();
  options.ca_file = server.certificate().file;
  options.mail_without_tls = true;
  return options;
}

inline MailRequest mail_to(const MailServer& server, std::vector<std::string> recipients = {"bob@x.test"},
                           MailSecurity security = MailSecurity::kClear) {
  MailRequest request;
  request.server = "127.0.0.1";
  request.port = server.port();
  request.security = security;
  request.ehlo = "tocsin.test";
  request.envelope_from = "alerts@x.test";
  request.recipients = std::move(recipients);
  request.bytes = "Subject: hi\r\n\r\nbody\r\n";
  request.timeout_ms = 30'000;
  return request;
}

inline MailRequest with_password(MailRequest request) {
  request.auth = MailAuth::kPassword;
  request.user = "alice";
  request.password = "pa55word";
  return request;
}

inline std::future<MailReply> send_mail(ExchangeEngine& engine, MailRequest request) {
  auto promise = std::make_shared<std::promise<MailReply>>();
  auto future = promise->get_future();
  engine.submit_mail(std::move(request),
                     [promise](MailReply reply) { promise->set_value(std::move(reply)); });
  return future;
}

inline MailReply mail(ExchangeEngine& engine, MailRequest request) {
  auto future = send_mail(engine, std::move(request));
  if (future.wait_for(std::chrono::seconds(60)) != std::future_status::ready) {
    ADD_FAILURE() << "no answer within a minute";
    return {};
  }
  return future.get();
}

}  // namespace tocsin::net::tests
