// A whole third-party channel, as the design promises it reads. Why: it must compile as it stands and work on
// the fake host. What it does not do: ship.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

struct ntfy {
  static constexpr tocsin::about about{
      .type = "sh.ntfy",
      .name = "ntfy",
      .version = "1.0.0",
      .settings_schema =
          R"({"type":"object","required":["topic_url"],"properties":{"topic_url":{"type":"string","format":"uri"},
              "token":{"type":"string","writeOnly":true}}})",
      .egress = {"settings:/topic_url"}};
  explicit ntfy(const tocsin::settings& s) : url(s.text("/topic_url")), token(s.text("/token")) {}
  tocsin::http_request request(tocsin::message m) const {
    return tocsin::post(url)
        .bearer(token)
        .header("Title", m.title())
        .header("Priority", m.severity() >= tocsin::high ? "5" : "3")
        .text(m.summary());
  }
  tocsin::outcome response(tocsin::message, tocsin::http_response r) const { return tocsin::classify(r); }
  std::string url, token;
};
