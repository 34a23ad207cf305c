// docs/api.md and the OpenAPI document against the table of endpoints, docs/problems.md against the kinds the
// API gives.
#include <algorithm>
#include <fstream>
#include <iterator>

#include "api/api_fixture.hpp"
#include "api/openapi.hpp"

namespace tocsin::api {
namespace {

using Documentation = ApiTest;

std::string read(const std::string& file) {
  std::ifstream in(std::string(TOCSIN_SOURCE_DIR) + "/docs/" + file);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST_F(Documentation, HasASectionForEveryEndpoint) {
  const std::string text = read("api.md");
  for (const auto& endpoint : service_->endpoints()) {
    const std::string heading =
        "\n### " + std::string(endpoint.method) + " " + std::string(endpoint.path) + "\n";
    EXPECT_NE(text.find(heading), std::string::npos) << "docs/api.md lacks" << heading;
  }
}

TEST_F(Documentation, DescribesNoEndpointThatIsNotThere) {
  const std::string text = read("api.md");
  std::size_t sections = 0;
  for (std::size_t at = text.find("\n### "); at != std::string::npos; at = text.find("\n### ", at + 1))
    ++sections;
  EXPECT_EQ(sections, service_->endpoints().size());
}

// As OpenAPI writes it: "get".
std::string method_of(const Endpoint& endpoint) {
  std::string method(endpoint.method);
  for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
  return method;
}

TEST_F(Documentation, DescribesTheEndpointsAndNoOtherInOpenapi) {
  std::vector<std::string> served, described;
  for (const auto& endpoint : service_->endpoints()) {
    served.push_back(method_of(endpoint) + ' ' + std::string(endpoint.path));
  }
  const auto document = boost::json::parse(openapi_document());
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      described.push_back(std::string(operation.key()) + ' ' + std::string(path.key()));
    }
  }
  std::sort(served.begin(), served.end());
  std::sort(described.begin(), described.end());
  EXPECT_EQ(served, described);
}

TEST_F(Documentation, MarksTheSameEndpointsAsPublicInOpenapi) {
  const auto document = boost::json::parse(openapi_document());
  for (const auto& endpoint : service_->endpoints()) {
    const auto& operation = document.at("paths").at(endpoint.path).at(method_of(endpoint)).as_object();
    const auto* security = operation.if_contains("security");
    const bool is_public = security != nullptr && security->as_array().empty();
    EXPECT_EQ(is_public, std::holds_alternative<Public>(endpoint.policy))
        << method_of(endpoint) << ' ' << endpoint.path;
  }
}

TEST_F(Documentation, ServesTheOpenapiDocumentAsItIs) {
  const Answer answer = get("/openapi.json", "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json");
  EXPECT_EQ(answer.body, openapi_document());
}

TEST_F(Documentation, NamesEveryMemberOfAnEvent) {
  const std::string text = read("api.md");
  for (const auto* member : {"id", "team", "type", "category", "severity", "source", "title", "summary",
                             "link", "labels", "data", "time"}) {
    EXPECT_NE(text.find("| `" + std::string(member) + "` |"), std::string::npos) << member;
  }
}

TEST_F(Documentation, HasAnEntryForEveryProblem) {
  const std::string text = read("problems.md");
  const Answer answers[] = {get("/nowhere"),
                            call("operator", "PUT", "/livez"),
                            get("/v1/plugins", ""),
                            get("/v1/plugins", "member"),
                            push("{"),
                            push("{}"),
                            push("x", "operator", {{"Content-Type", "text/plain"}})};
  for (const auto& answer : answers) {
    const std::string kind = answer.at("/type").substr(std::string_view("/problems/").size());
    EXPECT_NE(text.find("\n## " + kind + "\n"), std::string::npos) << kind;
  }
}

}  // namespace
}  // namespace tocsin::api
