// The one shape of every error, and that each kind there is has its entry in docs/problems.md.
#include "net/problem.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "ops/log.hpp"

namespace tocsin::net {
namespace {

std::string header(const HttpResponse& response, const std::string& name) {
  for (const Header& one : response.headers) {
    if (one.name == name) return one.value;
  }
  return {};
}

TEST(Problem, WritesTheWholeDocument) {
  const HttpResponse response =
      make_problem(422, "invalid", "2 fields are wrong",
                   {{"/type", "is \"missing\""}, {"/labels/a", "is long"}}, "req_0000000000001");
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_EQ(response.body,
            R"({"type":"/problems/invalid","title":"Invalid","status":422,"detail":"2 fields are wrong",)"
            R"("instance":"req_0000000000001","errors":[{"pointer":"/type","message":"is \"missing\""},)"
            R"({"pointer":"/labels/a","message":"is long"}]})");
}

TEST(Problem, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ(make_problem(404, "not-found", "no such event").body,
            R"({"type":"/problems/not-found","title":"Not found","status":404,"detail":"no such event"})");
}

TEST(Problem, MapsEachErrorCodeToAStatusAKindAndItsHeaders) {
  struct Row {
    Errc code;
    int status;
    std::string kind;
    std::string retry_after;
  };
  const Row rows[] = {
      {Errc::kInvalid, 422, "invalid", ""},
      {Errc::kUnauthorized, 401, "unauthorized", ""},
      {Errc::kForbidden, 403, "forbidden", ""},
      {Errc::kNotFound, 404, "not-found", ""},
      {Errc::kConflict, 409, "conflict", ""},
      {Errc::kTooLarge, 413, "too-large", ""},
      {Errc::kUnsupported, 415, "unsupported", ""},
      {Errc::kUnavailable, 503, "unavailable", "1"},
      {Errc::kStorageFull, 503, "storage-full", "5"},
      {Errc::kStorageFailed, 503, "storage-failed", "1"},
      {Errc::kIo, 500, "internal", ""},
      {Errc::kInternal, 500, "internal", ""},
  };
  for (const Row& row : rows) {
    const HttpResponse response = make_problem(Error{row.code, "why", {}}, "req_1");
    EXPECT_EQ(response.status, row.status) << row.kind;
    EXPECT_EQ(boost::json::parse(response.body).at("type").as_string(), "/problems/" + row.kind);
    EXPECT_EQ(header(response, "Retry-After"), row.retry_after) << row.kind;
    EXPECT_EQ(header(response, "WWW-Authenticate"), row.status == 401 ? "Bearer" : "");
  }
}

TEST(Problem, TellsTheLogAndNotTheClientWhatFailedInside) {
  std::string logged;
  ops::LogOptions options;
  options.capture = [&](std::string_view line) { logged += line; };
  ops::configure_log(std::move(options));
  const HttpResponse response = make_problem(make_error(Errc::kIo, "/var/lib/x: disk on fire"), "req_9");
  ops::configure_log({});
  EXPECT_THAT(response.body, testing::Not(testing::HasSubstr("disk on fire")));
  EXPECT_THAT(response.body, testing::HasSubstr("req_9"));
  EXPECT_THAT(logged, testing::AllOf(testing::HasSubstr("disk on fire"), testing::HasSubstr("req_9")));
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Kinds stand in the sources as {status, "kind" and make_problem(status, "kind".
std::set<std::string> kinds_in_sources() {
  const std::regex kind(R"re(\b[1-5][0-9][0-9],\s*"([a-z]+(?:-[a-z]+)*)")re");
  std::set<std::string> kinds;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TOCSIN_SOURCE_DIR "/host")) {
    const auto extension = entry.path().extension();
    if (extension != ".cpp" && extension != ".hpp") continue;
    const std::string source = text_of(entry.path());
    if (source.find("problem.hpp") == std::string::npos && source.find("Refusal") == std::string::npos)
      continue;
    for (std::sregex_iterator it(source.begin(), source.end(), kind), end; it != end; ++it) {
      kinds.insert((*it)[1]);
    }
  }
  return kinds;
}

TEST(Problem, HasAnEntryInTheDocumentForEachKindInTheSources) {
  const std::string document = text_of(TOCSIN_SOURCE_DIR "/docs/problems.md");
  const std::set<std::string> kinds = kinds_in_sources();
  EXPECT_GE(kinds.size(), 15u);
  for (const std::string& kind : kinds) {
    EXPECT_NE(document.find("\n## " + kind + "\n"), std::string::npos) << "docs/problems.md lacks " << kind;
  }
}

}  // namespace
}  // namespace tocsin::net
