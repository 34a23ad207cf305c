// The acme channel on a host that only pretends: what it sends, and what it makes of the answers.
#include <gtest/gtest.h>

#include <tocsin/testing/corpus.hpp>
#include <tocsin/testing/fake_host.hpp>

namespace {

using tocsin::testing::fake_host;
using tocsin::testing::sample_message;

constexpr const char* kToken = "tsec_0123456789abcdefghijklmnopqrstuv";

class Acme : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(host.create({{"/url", "https://api.example.com/v1/alerts"}, {"/token", kToken}}))
        << host.error.text;
  }
  fake_host host{*tocsin_plugin_v1()->types[0]};
};

TEST_F(Acme, PostsOneAlertWithItsToken) {
  const auto done = host.deliver(sample_message());
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  ASSERT_EQ(host.requests.size(), 1U);
  EXPECT_EQ(host.requests[0].url, "https://api.example.com/v1/alerts");
  EXPECT_EQ(host.requests[0].header("Authorization"), std::string("Bearer ") + kToken);
  EXPECT_NE(host.requests[0].body.find(R"("title":"Public bucket","severity":"high")"), std::string::npos)
      << host.requests[0].body;
}

TEST_F(Acme, LeavesRetryingToTheHost) {
  host.replies = {{.status = 503}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_RETRY);
  EXPECT_EQ(host.requests.size(), 1U);
}

TEST_F(Acme, TakesARepetitionForDelivered) {
  host.replies = {{.status = 409}};
  EXPECT_EQ(host.deliver(sample_message()).at(0).status, TOCSIN_DELIVERED);
}

TEST_F(Acme, RendersWhateverAnEventHolds) {
  for (auto& [name, message] : tocsin::testing::golden_corpus(1, false)) {
    EXPECT_EQ(host.deliver(message).size(), 1U) << name;
  }
}

}  // namespace
