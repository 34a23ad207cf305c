// The receiver: what it says of signatures, and that it fails as told and in the same way again.
#include "ctl/sink.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <sstream>

#include "net/api_client.hpp"
#include "security/signature.hpp"

namespace tocsin::ctl {
namespace {

using testing::HasSubstr;

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kBody =
    R"({"type":"finding.created","timestamp":"2026-11-23T08:00:00.000Z","data":{"id":"evt_1","title":"Grüße"}})";

class RunningSink : public testing::Test {
 protected:
  void open(SinkOptions options) {
    options.listen = "127.0.0.1:0";
    auto opened =
        Sink::open(std::move(options), clock_, {in_, out_, err_}, [this] { finished_.set_value(); });
    ASSERT_TRUE(opened) << opened.error().detail;
    sink_ = std::move(*opened);
    sink_->start();
  }
  void TearDown() override { stop(); }
  void stop() {
    if (sink_) sink_->stop();
  }

  std::string sign(const std::string& id, std::int64_t time_s, const std::string& secret = kSecret) const {
    return security::sign_webhook(security::webhook_key(secret).value(), id, time_s, kBody);
  }
  net::ApiAnswer post(const std::vector<net::Header>& headers) {
    auto client = net::ApiClient::connect("http://" + sink_->address());
    EXPECT_TRUE(client);
    auto answer = client->call("POST", "/hook", headers, kBody);
    return answer ? *answer : net::ApiAnswer{};  // status 0: the connection broke
  }
  std::vector<net::Header> headers(const std::string& signature) const {
    return {{"webhook-id", "dlv_1"},
            {"webhook-timestamp", std::to_string(now_s())},
            {"webhook-signature", signature}};
  }
  std::int64_t now_s() const { return clock_.unix_ms() / 1000; }

  ManualClock clock_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  std::promise<void> finished_;
  std::unique_ptr<Sink> sink_;
};

SinkOptions with_secret() {
  SinkOptions options;
  options.secret = kSecret;
  return options;
}

TEST_F(RunningSink, SaysThatAGoodSignatureIsVerified) {
  open(with_secret());
  EXPECT_EQ(post(headers(sign("dlv_1", now_s()))).status, 200);
  stop();
  EXPECT_THAT(out_.str(), HasSubstr("dlv_1  finding.created  \"Grüße\"  signature verified  -> 200"));
  EXPECT_EQ(sink_->bad_signatures(), 0U);
}

TEST_F(RunningSink, SaysThatAForgedOrOldSignatureIsBad) {
  open(with_secret());
  post(headers(sign("dlv_1", now_s(), "another")));
  post({{"webhook-id", "dlv_1"},
        {"webhook-timestamp", std::to_string(now_s() - 301)},
        {"webhook-signature", sign("dlv_1", now_s() - 301)}});
  stop();
  EXPECT_THAT(out_.str(), HasSubstr("BAD signature"));
  EXPECT_EQ(sink_->bad_signatures(), 2U);
}

TEST_F(RunningSink, TellsUnsignedFromUnchecked) {
  open({});
  post({{"webhook-id", "dlv_1"}});
  post(headers("v1,x"));
  stop();
  EXPECT_THAT(out_.str(), HasSubstr("unsigned"));
  EXPECT_THAT(out_.str(), HasSubstr("signature not checked"));
}

TEST_F(RunningSink, FailsAsToldWithARetryAfter) {
  auto options = with_secret();
  options.fail_rate = 1;
  options.retry_after = 7;
  open(options);
  const auto answer = post(headers(sign("dlv_1", now_s())));
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(std::any_of(answer.headers.begin(), answer.headers.end(), [](const net::Header& header) {
    return header.name == "retry-after" && header.value == "7";
  }));
}

TEST_F(RunningSink, DropsTheConnectionAsTold) {
  SinkOptions options;
  options.reset_rate = 1;
  open(options);
  EXPECT_EQ(post({}).status, 0);
}

TEST_F(RunningSink, RecordsEachDeliveryAndEndsAfterTheCount) {
  auto options = with_secret();
  options.record = testing::TempDir() + "sink_record.ndjson";
  std::remove(options.record.c_str());
  options.count = 2;
  const auto record = options.record;
  open(std::move(options));
  post(headers(sign("dlv_1", now_s())));
  post({{"webhook-id", "dlv_2"}});
  ASSERT_EQ(finished_.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
  stop();
  std::ifstream file(record);
  const std::string lines((std::istreambuf_iterator<char>(file)), {});
  const auto time = std::to_string(clock_.unix_ms());
  EXPECT_EQ(lines, R"({"id":"dlv_1","event":"evt_1","time":)" + time +
                       R"(,"verified":true,"answered":"200"})" + "\n" +
                       R"({"id":"dlv_2","event":"evt_1","time":)" + time +
                       R"(,"verified":null,"answered":"200"})" + "\n");
}

TEST(Sink, RefusesASecretThatIsBrokenAndARecordThatCannotBeWritten) {
  const SystemClock clock;
  std::istringstream in;
  std::ostringstream out;
  SinkOptions options;
  options.listen = "127.0.0.1:0";
  options.secret = "whsec_%%%";
  EXPECT_FALSE(Sink::open(options, clock, {in, out, out}, [] {}));
  options.secret.clear();
  options.record = "/nonexistent/record";
  EXPECT_FALSE(Sink::open(options, clock, {in, out, out}, [] {}));
}

TEST(PlanFault, IsTheSameForTheSameSeedAndAboutTheShareAskedFor) {
  SinkOptions options;
  options.fail_rate = 0.2;
  options.hang_rate = 0.1;
  options.reset_rate = 0.1;
  std::array<int, 4> counts{};
  for (std::uint64_t n = 0; n < 10'000; ++n) {
    const auto fault = plan_fault(options, n);
    EXPECT_EQ(fault, plan_fault(options, n));
    ++counts.at(static_cast<std::size_t>(fault));
  }
  EXPECT_NEAR(counts[static_cast<std::size_t>(Fault::kStatus)], 2000, 200);
  EXPECT_NEAR(counts[static_cast<std::size_t>(Fault::kHang)], 1000, 150);
  EXPECT_NEAR(counts[static_cast<std::size_t>(Fault::kReset)], 1000, 150);
}

TEST(PlanFault, DiffersBetweenSeeds) {
  SinkOptions one;
  one.fail_rate = 0.5;
  auto other = one;
  other.seed = 2;
  int differ = 0;
  for (std::uint64_t n = 0; n < 100; ++n) differ += plan_fault(one, n) == plan_fault(other, n) ? 0 : 1;
  EXPECT_GT(differ, 20);
}

}  // namespace
}  // namespace tocsin::ctl
