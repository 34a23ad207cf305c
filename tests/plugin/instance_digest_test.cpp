// A message of many events, and the note that one attempt leaves for the next.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel_host.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::plugin::tests {
namespace {

using ::testing::HasSubstr;

Job make_digest(DeliveryId first, std::size_t events) {
  Job job = make_job(first, "event 0");
  job.message = first;
  for (std::size_t i = 1; i < events; ++i) {
    job.more.push_back(make_job(first, "event " + std::to_string(i)).event);
  }
  return job;
}

TEST(InstanceDigest, ShowsEveryEventInOrderAndItsOwnData) {
  ChannelHost host;
  Script script;
  Table table;
  table.type.flags = TOCSIN_FLAT_DATA | TOCSIN_TAKES_DIGESTS;
  std::vector<std::size_t> counts;
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    counts.push_back(message.n_events);
    EXPECT_EQ(message.flags, message.n_events > 1 ? static_cast<std::uint32_t>(TOCSIN_DIGEST) : 0U);
    for (std::size_t i = 0; i < message.n_events; ++i) {
      EXPECT_EQ(view(message.events[i]->title), "event " + std::to_string(i));
      EXPECT_EQ(view(tocsin_find(&message.events[i]->data, "/used/percent")), "97");
      EXPECT_THAT(std::string(view(message.events[i]->json)), HasSubstr("event " + std::to_string(i)));
    }
    script.complete(delivery);
  };
  const auto instance = host.make(script, table);
  ASSERT_TRUE(instance) << instance.error().detail;
  std::size_t done = 0;
  for (const std::size_t events : {1U, 1000U, 2U, 1U}) {  // a slot is used again
    (*instance)->deliver({make_digest(4711, events)});
    host.sink.wait(++done);
  }
  EXPECT_THAT(counts, ::testing::ElementsAre(1U, 1000U, 2U, 1U));
  (*instance)->stop(10'000);
}

TEST(InstanceDigest, HasTheIdOfItsFirstDeliveryMarkedWhereThatWasTriedAlone) {
  ChannelHost host;
  Script script;
  std::vector<std::string> message_ids;
  script.deliver = [&](const tocsin_message& message, tocsin_delivery* delivery) {
    message_ids.emplace_back(view(message.id));
    script.complete(delivery);
  };
  const auto instance = host.make(script);
  Job marked = make_digest(4711, 2);
  marked.message = -4711;
  (*instance)->deliver({make_digest(4711, 2)});
  host.sink.wait(1);
  (*instance)->deliver({std::move(marked)});
  EXPECT_EQ(host.sink.wait(2)[1].delivery, 4711) << "the job is known by its first delivery";
  EXPECT_THAT(message_ids, ::testing::ElementsAre(format_delivery_id(4711), format_delivery_id(4711) + "-d"));
  (*instance)->stop(10'000);
}

class InstanceCarry : public ::testing::Test {
 protected:
  // What is kept of a note that the plugin leaves.
  std::string left(const std::string& note, std::uint32_t size = sizeof(tocsin_outcome)) {
    script.deliver = [&, size](const tocsin_message& message, tocsin_delivery* delivery) {
      given = std::string(view(message.carry));
      tocsin_outcome outcome{};
      outcome.size = size;
      outcome.status = TOCSIN_RETRY;
      outcome.code = tocsin_lit("test.again");
      outcome.carry = {note.data(), note.size()};
      script.host->complete(script.host, delivery, &outcome);
    };
    const auto instance = host.make(script);
    Job job = make_job(1);
    job.carry = "from before";
    (*instance)->deliver({std::move(job)});
    const Attempt attempt = host.sink.wait(++done).back().attempt;
    EXPECT_EQ(attempt.outcome.status, OutcomeStatus::kRetry);
    fault = (*instance)->fault();
    (*instance)->stop(10'000);
    return attempt.carry;
  }

  ChannelHost host;
  Script script;
  std::size_t done = 0;
  std::string given, fault;
};

TEST_F(InstanceCarry, KeepsAnyBytesAndGivesThemBack) {
  const std::string note("anna@example.com\0\xFF", 18);
  EXPECT_EQ(left(note), note);
  EXPECT_EQ(given, "from before");
  EXPECT_EQ(left(std::string(4096, 'x')), std::string(4096, 'x'));
  EXPECT_EQ(fault, "");
}

TEST_F(InstanceCarry, DropsALongerOneAndBlamesThePlugin) {
  EXPECT_EQ(left(std::string(4097, 'x')), "");
  EXPECT_THAT(fault, HasSubstr("4097 bytes"));
}

TEST_F(InstanceCarry, TakesNoneFromAPluginThatWasBuiltBeforeThereWereAny) {
  EXPECT_EQ(left("beyond its size", offsetof(tocsin_outcome, carry)), "");
  EXPECT_EQ(fault, "");
}

}  // namespace
}  // namespace tocsin::plugin::tests
