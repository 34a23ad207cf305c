// See problem.hpp. Each kind has an entry in docs/problems.md; a test holds the two together.
#include "net/problem.hpp"

#include "model/json_text.hpp"
#include "ops/log.hpp"

namespace tocsin::net {
namespace {

struct Mapping {
  int status;
  std::string_view kind;
};

Mapping mapping_of(Errc code) {
  switch (code) {
    case Errc::kInvalid:
      return {422, "invalid"};
    case Errc::kMalformed:
      return {400, "malformed"};
    case Errc::kUnauthorized:
      return {401, "unauthorized"};
    case Errc::kForbidden:
      return {403, "forbidden"};
    case Errc::kNotFound:
      return {404, "not-found"};
    case Errc::kConflict:
      return {409, "conflict"};
    case Errc::kOutdated:
      return {412, "outdated"};
    case Errc::kTooLarge:
      return {413, "too-large"};
    case Errc::kUnsupported:
      return {415, "unsupported"};
    case Errc::kUnavailable:
      return {503, "unavailable"};
    case Errc::kStorageFull:
      return {503, "storage-full"};
    case Errc::kStorageFailed:
      return {503, "storage-failed"};
    case Errc::kIo:
    case Errc::kInternal:
      break;
  }
  return {500, "internal"};
}

// "storage-full" is titled "Storage full".
std::string title_of(std::string_view kind) {
  std::string title(kind);
  for (char& c : title) {
    if (c == '-') c = ' ';
  }
  if (!title.empty() && title[0] >= 'a' && title[0] <= 'z')
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
  return title;
}

void append_errors(std::string& body, const std::vector<FieldError>& fields) {
  body += R"(,"errors":[)";
  bool first = true;
  for (const FieldError& field : fields) {
    if (!first) body += ',';
    first = false;
    body += R"({"pointer":)";
    append_json_string(body, field.pointer);
    body += R"(,"message":)";
    append_json_string(body, field.message);
    body += '}';
  }
  body += ']';
}

void add_standing_headers(HttpResponse& response, std::string_view kind) {
  if (response.status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (response.status == 429 || response.status == 503) {
    response.headers.push_back({"Retry-After", kind == "storage-full" ? "5" : "1"});
  }
}

}  // namespace

HttpResponse make_problem(int status, std::string_view kind, std::string_view detail,
                          const std::vector<FieldError>& fields, std::string_view request_id) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/problem+json";
  std::string& body = response.body;
  body.append(R"({"type":"/problems/)").append(kind).append(R"(","title":)");
  append_json_string(body, title_of(kind));
  body.append(R"(,"status":)").append(std::to_string(status)).append(R"(,"detail":)");
  append_json_string(body, detail);
  if (!request_id.empty()) {
    body += R"(,"instance":)";
    append_json_string(body, request_id);
  }
  if (!fields.empty()) append_errors(body, fields);
  body += '}';
  add_standing_headers(response, kind);
  return response;
}

HttpResponse make_problem(const Error& error, std::string_view request_id) {
  const Mapping mapping = mapping_of(error.code);
  if (mapping.status == 500) {
    // What failed inside is the operator's to read, not the client's.
    ops::log_error("net", "request failed", {{"request", request_id}, {"detail", error.detail}});
    return make_problem(500, "internal", "something failed inside the server; its log says what, by this id",
                        {}, request_id);
  }
  return make_problem(mapping.status, mapping.kind, error.detail, error.fields, request_id);
}

}  // namespace tocsin::net
