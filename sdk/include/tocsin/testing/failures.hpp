// tocsin/testing/failures.hpp - the ways in which a provider fails: HTTP answers and the lack of one, mail
// servers' refusals at every stage, a store that is busy, a host that refuses to send.
//
// Why: a channel's outcome for each of these is what decides between a retry, a duplicate and a lost alert.
// What it does not do: know a platform's own words in a body; those are the channel's own tests.
#pragma once

#include <tocsin/testing/records.hpp>

namespace tocsin::testing {

// What an outcome may say after a failure, whatever the platform.
enum class meaning {
  success,    // delivered or accepted, or the platform's own reason why not
  refusal,    // never delivered
  transient,  // worth another try: retry, rate limited or uncertain
};

struct http_failure {
  std::string name;  // "503", "timeout after sending"
  http_reply reply;
  meaning means;
};

inline std::vector<http_failure> http_failures() {
  std::vector<http_failure> out;
  const auto add = [&](std::string name, http_reply reply, meaning means) {
    out.push_back({std::move(name), std::move(reply), means});
  };
  const std::string bodies[] = {"",
                                "ok",
                                R"({"error":"no","ok":false})",
                                "<html>proxy</html>",
                                R"({"error":)",
                                std::string("\xFF\xFE\0\x80", 4),
                                std::string(20'000, 'x')};
  for (const int status : {200, 201, 202, 204, 299, 301, 302, 304, 400, 401, 403, 404, 405, 408, 409, 410,
                           413, 415, 422, 423, 425, 429, 451, 499, 500, 501, 502, 503, 504, 507, 529, 599}) {
    meaning means = status < 300 ? meaning::success : meaning::refusal;
    if (status == 429 || status == 500 || (status >= 502 && status <= 504)) means = meaning::transient;
    if (status == 304 || status == 409) means = meaning::success;  // some platforms say so of a repetition
    for (const std::string& body : bodies) {
      http_reply reply;
      reply.status = status;
      reply.body = body;
      // A platform may name its reason in the body; which one is not known here.
      add(std::to_string(status) + " with a body of " + std::to_string(body.size()) + " bytes", reply,
          means == meaning::transient && body.size() > 4 ? meaning::refusal : means);
    }
  }
  http_reply limited;
  limited.status = 429;
  limited.retry_after_ms = 30'000;
  limited.headers = {{"retry-after", "30"}};
  add("429 with Retry-After", limited, meaning::transient);
  for (std::uint32_t io = TOCSIN_IO_DNS; io <= TOCSIN_IO_LOCAL + 1; ++io) {  // one that is not known yet too
    for (const bool sent : {false, true}) {
      http_reply reply;
      reply.status = 0;
      reply.io_error = io;
      reply.request_sent = sent;
      const bool settings = io == TOCSIN_IO_BLOCKED || io == TOCSIN_IO_BAD_REQUEST || io == TOCSIN_IO_TLS ||
                            io == TOCSIN_IO_CERTIFICATE;
      add("transport error " + std::to_string(io) + (sent ? " after sending" : " before sending"), reply,
          settings ? meaning::refusal : meaning::transient);
    }
  }
  return out;
}

struct mail_failure {
  std::string name;
  mail_reply reply;
  meaning means;
};

inline std::vector<mail_failure> mail_failures() {
  std::vector<mail_failure> out;
  for (std::uint32_t stage = TOCSIN_SMTP_AT_CONNECT; stage <= TOCSIN_SMTP_AT_DOT; ++stage) {
    for (const int code : {0, 421, 450, 452, 500, 535, 550, 552, 554}) {
      mail_reply reply;
      reply.stage = stage;
      reply.code = code;
      reply.enhanced = code == 0 ? "" : code < 500 ? "4.3.0" : "5.1.1";
      reply.text = code == 0 ? "" : "no";
      reply.io_error = code == 0 ? TOCSIN_IO_CLOSED : TOCSIN_IO_OK;
      reply.request_sent = stage == TOCSIN_SMTP_AT_DOT;
      out.push_back({"mail stage " + std::to_string(stage) + ", code " + std::to_string(code), reply,
                     meaning::refusal});
    }
  }
  return out;
}

struct inbox_failure {
  std::string name;
  inbox_reply reply;
};

inline std::vector<inbox_failure> inbox_failures() {
  return {{"stored before", {TOCSIN_OK, true, "itm_1"}},
          {"store busy", {TOCSIN_E_BUSY, false, ""}},
          {"host stops", {TOCSIN_E_CLOSING, false, ""}},
          {"unknown refusal", {-99, false, ""}}};
}

// What submit() and put() may answer at once.
inline std::vector<std::pair<std::string, tocsin_status>> refusals() {
  return {{"E_INVALID", TOCSIN_E_INVALID},
          {"E_DENIED", TOCSIN_E_DENIED},
          {"E_BUSY", TOCSIN_E_BUSY},
          {"E_TOO_LARGE", TOCSIN_E_TOO_LARGE},
          {"E_CLOSING", TOCSIN_E_CLOSING},
          {"E_NO_MEMORY", TOCSIN_E_NO_MEMORY},
          {"E_UNSUPPORTED", TOCSIN_E_UNSUPPORTED},
          {"E_UNKNOWN_SECRET", TOCSIN_E_UNKNOWN_SECRET},
          {"an unknown error", -99}};
}

}  // namespace tocsin::testing
