// docs/api.md against the table of endpoints, and docs/problems.md against the kinds the API gives.
#include <fstream>
#include <iterator>

#include "api/api_fixture.hpp"

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
