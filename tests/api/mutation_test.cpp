// Thousands of spoiled bodies, each one request: an answer of the few that intake gives, and the daemon
// serves on.
#include <algorithm>
#include <random>
#include <thread>

#include "api/api_fixture.hpp"

namespace tocsin::api {
namespace {

constexpr unsigned kSeed = 20261123;
constexpr std::size_t kThreads = 4;
constexpr std::size_t kRounds = 1250;  // a thread

constexpr std::string_view kGood[] = {
    R"({"team":"demo","type":"finding.created","severity":"critical","source":"cspm","title":"Bucket is public",)"
    R"("summary":"Grüße\n🪣","link":"https://example.com/f/1?a=b","labels":{"env":"prod","app/x":"y"},)"
    R"("data":{"score":1.10,"list":[1,null,true,{"deep":[[]]}],"text":"\u00e9\ud83e\udea3\\\""},)"
    R"("time":"2026-11-23T08:00:00.000Z"})",
    R"([{"team":"demo","type":"scan.failed"},{"team":"platform","type":"scan.failed","data":{"a":[1,2]}}])",
    "{\"team\":\"demo\",\"type\":\"scan.failed\"}\n{\"team\":\"demo\",\"type\":\"user.login\"}\r\n",
};
constexpr std::string_view kPieces[] = {"{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        ":",
                                        "\"",
                                        "\\",
                                        "\\u0000",
                                        "\\ud800",
                                        "null",
                                        "true",
                                        "-",
                                        "1e999",
                                        "1E-999",
                                        "\n",
                                        "\r\n",
                                        "\xff",
                                        "\xc3",
                                        "\xed\xa0\x80",
                                        "\xef\xbb\xbf",
                                        "//",
                                        "/*",
                                        "99999999999999999999",
                                        "\"type\":\"channel.test\",",
                                        "\"severity\":\"low\",",
                                        "{\"a\":",
                                        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
                                        "evt_",
                                        "�"};

std::string mutate(std::string text, std::mt19937& random) {
  for (auto left = 1 + random() % 4; left > 0; --left) {
    const std::size_t at = text.empty() ? 0 : random() % text.size();
    const std::size_t length = std::min<std::size_t>(1 + random() % 12, text.size() - at);
    switch (random() % 7) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(random());
        break;
      case 1:
        if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << random() % 8));
        break;
      case 2:
        text.erase(at, length);
        break;
      case 3:
        text.insert(at, text.substr(at, length));
        break;
      case 4:
        text.insert(at, kPieces[random() % std::size(kPieces)]);
        break;
      case 5:
        text.resize(at);
        break;
      default:
        std::reverse(text.begin() + static_cast<std::ptrdiff_t>(at),
                     text.begin() + static_cast<std::ptrdiff_t>(at + length));
    }
  }
  return text;
}

class Mutations : public ApiTest {
 protected:
  // One thread's share, each with a connection of its own.
  void send_mutations(std::size_t thread) const {
    std::mt19937 random(kSeed + static_cast<unsigned>(thread));
    auto client = connect();
    for (std::size_t round = 0; round < kRounds; ++round) {
      const std::size_t which = random() % std::size(kGood);
      const std::string body = mutate(std::string(kGood[which]), random);
      const Answer answer = ask(client, "POST", "/v1/events", body,
                                {{"Authorization", "Bearer " + token("operator")},
                                 {"Content-Type", which == 2 ? "application/x-ndjson" : "application/json"}});
      const bool expected =
          answer.status == 202 || answer.status == 400 || answer.status == 413 || answer.status == 422;
      const auto type = answer.header("content-type");
      ASSERT_TRUE(expected &&
                  type == (answer.status == 202 ? "application/json" : "application/problem+json") &&
                  answer.json.is_object())
          << "seed " << kSeed << ", thread " << thread << ", round " << round << ": " << answer.status << ' '
          << answer.body << "\nfor " << body;
      if (const auto place = answer.header("location"); !place.empty()) {
        const Answer stored =
            ask(client, "GET", place, {}, {{"Authorization", "Bearer " + token("operator")}});
        ASSERT_TRUE(stored.status == 200 && stored.json.is_object()) << stored.body << "\nfor " << body;
      }
    }
  }
};

TEST_F(Mutations, OfGoodBodiesAreTakenOrRefusedAndNothingElse) {
  std::printf("seed %u, %zu bodies\n", kSeed, kThreads * kRounds);
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([this, thread] { send_mutations(thread); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto body : kGood) EXPECT_EQ(push(body).status, body == kGood[2] ? 400 : 202);
  EXPECT_EQ(get("/readyz", "").status, 200);
}

}  // namespace
}  // namespace tocsin::api
