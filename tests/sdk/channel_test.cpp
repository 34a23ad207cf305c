// The C++ wrapper on the fake host: both styles, what escapes them, and what they ask of the host.
#include <gtest/gtest.h>

#include <memory>
#include <tocsin/testing/fake_host.hpp>

#include "ntfy.hpp"

namespace {

using tocsin::testing::document;
using tocsin::testing::fake_host;
using tocsin::testing::http_reply;
using tocsin::testing::sample_message;

template <class T>
constexpr const tocsin_channel_type& type_of() {
  return tocsin::detail::channel<T>::type;
}

// An active channel that does what the settings tell it to.
struct Actor {
  static constexpr tocsin::about about{.type = "test.actor",
                                       .name = "Actor",
                                       .version = "1.0.0",
                                       .requires_ext = {TOCSIN_EXT_HTTP},
                                       .uses_ext = {TOCSIN_EXT_LOG}};
  Actor(const tocsin::settings& s, const tocsin::host& h) : host(h), act(s.text("/act")) {
    if (act == "refuse") throw tocsin::settings_error("/act", "refuse is no act; choose another");
    if (act == "throw 42") throw 42;
  }
  void deliver(tocsin::message m, tocsin::delivery d) {
    host.log(TOCSIN_LOG_INFO, "acting");
    if (act == "throw") throw std::runtime_error("as told");
    if (act == "int") throw 7;
    if (act == "undeclared") static_cast<void>(host.unix_ms());
    d.send(tocsin::get("https://a.example/" + std::string(m.id())), [this, d](tocsin::http_response r) {
      if (act == "throw later") throw std::runtime_error("later");
      d.complete(r.ok() ? tocsin::outcome::delivered("p-1") : tocsin::outcome::retry("no", "not yet", 5));
    });
  }
  void verify(tocsin::delivery d) { d.complete(tocsin::outcome::delivered()); }
  tocsin::host host;
  std::string act;
};

TEST(PluginTable, ExportsTheTypesWithTheirDescriptors) {
  const tocsin_plugin& table = tocsin::detail::library<ntfy, Actor>::table;
  ASSERT_EQ(table.n_types, 2U);
  EXPECT_EQ(table.size, sizeof(tocsin_plugin));
  const tocsin_channel_type& type = *table.types[0];
  EXPECT_STREQ(type.type, "sh.ntfy");
  EXPECT_STREQ(type.egress[0], "settings:/topic_url");
  EXPECT_EQ(type.egress[1], nullptr);
  EXPECT_STREQ(type.requires_ext[0], TOCSIN_EXT_HTTP);
  EXPECT_EQ(type.api->verify, nullptr);
  EXPECT_NE(table.types[1]->api->verify, nullptr);
}

TEST(SansIo, MakesTheRequestAndReadsTheReply) {
  fake_host host(type_of<ntfy>());
  ASSERT_TRUE(host.create({{"/topic_url", "https://ntfy.example/t"}, {"/token", "tsec_1"}}));
  const auto done = host.deliver(sample_message{});
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(done[0].status, TOCSIN_DELIVERED);
  ASSERT_EQ(host.requests.size(), 1U);
  EXPECT_EQ(host.requests[0].url, "https://ntfy.example/t");
  EXPECT_EQ(host.requests[0].method, "POST");
  EXPECT_EQ(host.requests[0].header("Authorization"), "Bearer tsec_1");
  EXPECT_EQ(host.requests[0].header("Priority"), "5");
  EXPECT_EQ(host.requests[0].header("Title"), "Public bucket");
  EXPECT_EQ(host.requests[0].body, "A storage bucket is public");
  EXPECT_TRUE(host.undeclared.empty());
}

TEST(SansIo, LeavesOutTheBearerWhereThereIsNoToken) {
  fake_host host(type_of<ntfy>());
  ASSERT_TRUE(host.create({{"/topic_url", "https://ntfy.example/t"}}));
  host.deliver(sample_message{});
  EXPECT_EQ(host.requests.at(0).header("Authorization"), "");
}

TEST(SansIo, PutsTheTypeInFrontOfAShortCode) {
  fake_host host(type_of<ntfy>());
  ASSERT_TRUE(host.create({}));
  host.replies.push_back({.status = 429, .retry_after_ms = 3000});
  const auto done = host.deliver(sample_message{});
  EXPECT_EQ(done.at(0).status, TOCSIN_RATE_LIMITED);
  EXPECT_EQ(done.at(0).code, "sh.ntfy.http_429");
  EXPECT_EQ(done.at(0).retry_after_ms, 3000);
}

TEST(SansIo, TurnsARefusedSubmitIntoAnOutcome) {
  const std::pair<tocsin_status, int> cases[] = {{TOCSIN_E_BUSY, TOCSIN_RETRY},
                                                 {TOCSIN_E_CLOSING, TOCSIN_RETRY},
                                                 {TOCSIN_E_NO_MEMORY, TOCSIN_RETRY},
                                                 {TOCSIN_E_DENIED, TOCSIN_MISCONFIGURED},
                                                 {TOCSIN_E_INVALID, TOCSIN_REJECTED},
                                                 {TOCSIN_E_TOO_LARGE, TOCSIN_REJECTED},
                                                 {TOCSIN_E_UNKNOWN_SECRET, TOCSIN_MISCONFIGURED}};
  for (const auto& [answer, expected] : cases) {
    fake_host host(type_of<ntfy>());
    ASSERT_TRUE(host.create({}));
    host.submit_answer = answer;
    const auto done = host.deliver(sample_message{});
    ASSERT_EQ(done.size(), 1U) << answer;
    EXPECT_EQ(done[0].status, expected) << answer;
  }
}

TEST(SansIo, CompletesNothingForADeliveryThatTheHostAlreadyEnded) {
  fake_host host(type_of<ntfy>());
  ASSERT_TRUE(host.create({}));
  host.submit_answer = TOCSIN_E_STALE;
  EXPECT_TRUE(host.deliver(sample_message{}).empty());
}

TEST(Active, SendsLogsAndCompletes) {
  fake_host host(type_of<Actor>());
  ASSERT_TRUE(host.create({}));
  host.replies = {{.status = 200}, {.status = 500}};
  EXPECT_EQ(host.deliver(sample_message{}).at(0).provider_id, "p-1");
  const auto again = host.deliver(sample_message{});
  EXPECT_EQ(again.at(0).code, "test.actor.no");
  EXPECT_EQ(host.requests.at(0).method, "GET");
  EXPECT_EQ(host.log.size(), 2U);
  EXPECT_EQ(host.verify().at(0).status, TOCSIN_DELIVERED);
}

TEST(Active, DoesWithoutAnOptionalExtension) {
  fake_host host(type_of<Actor>());
  host.withheld = {TOCSIN_EXT_LOG};
  ASSERT_TRUE(host.create({}));
  EXPECT_EQ(host.deliver(sample_message{}).at(0).status, TOCSIN_DELIVERED);
}

TEST(Exceptions, BecomeTheOutcomeOfTheDeliveryTheyEscapedFrom) {
  const std::pair<const char*, const char*> cases[] = {
      {"throw", "as told"},
      {"int", "an exception that is no std::exception"},
      {"throw later", "later"},
      {"undeclared", "the channel did not declare tocsin.clock/1"}};
  for (const auto& [act, detail] : cases) {
    fake_host host(type_of<Actor>());
    ASSERT_TRUE(host.create({{"/act", act}}));
    const auto done = host.deliver(sample_message{});
    ASSERT_EQ(done.size(), 1U) << act;
    EXPECT_EQ(done[0].status, TOCSIN_REJECTED) << act;
    EXPECT_EQ(done[0].code, "plugin.exception") << act;
    EXPECT_EQ(done[0].detail, detail);
  }
}

TEST(Create, RefusesSettingsWithThePointerAndTheSentence) {
  fake_host host(type_of<Actor>());
  EXPECT_FALSE(host.create({{"/act", "refuse"}}));
  EXPECT_STREQ(host.error.pointer, "/act");
  EXPECT_STREQ(host.error.text, "refuse is no act; choose another");
  EXPECT_FALSE(host.create({{"/act", "throw 42"}}));
  EXPECT_STREQ(host.error.text, "the constructor threw an exception that is no std::exception");
}

TEST(Settings, ReadsScalarsByPointerAndMembersByName) {
  document doc{{"/a", "text"},     {"/n", "-7"},     {"/bad", "7x"},      {"/yes", "true"},
               {"/no", "false"},   {"/h/X-A", "1"},  {"/h/a~1b~0c", "2"}, {"/h/deep/er", "3"},
               {"/hx/other", "4"}, {"/to/0", "x@a"}, {"/to/1", "y@b"}};
  const tocsin::settings s(*doc.c());
  EXPECT_EQ(s.text("/a"), "text");
  EXPECT_EQ(s.text("/none", "fallback"), "fallback");
  EXPECT_EQ(s.number("/n"), -7);
  EXPECT_EQ(s.number("/bad", 3), 3);
  EXPECT_EQ(s.number("/none", 4), 4);
  EXPECT_TRUE(s.flag("/yes"));
  EXPECT_FALSE(s.flag("/no", true));
  EXPECT_TRUE(s.flag("/none", true));
  EXPECT_TRUE(s.has("/a"));
  EXPECT_FALSE(s.has("/h"));
  using Member = std::pair<std::string, std::string_view>;
  EXPECT_EQ(s.members("/h"), (std::vector<Member>{{"X-A", "1"}, {"a/b~c", "2"}}));
  EXPECT_EQ(s.members("/to"), (std::vector<Member>{{"0", "x@a"}, {"1", "y@b"}}));
}

TEST(Classify, KnowsWhatNearlyEveryApiMeans) {
  const std::pair<http_reply, int> cases[] = {
      {{.status = 200}, TOCSIN_DELIVERED},
      {{.status = 204}, TOCSIN_DELIVERED},
      {{.status = 302}, TOCSIN_MISCONFIGURED},
      {{.status = 400}, TOCSIN_REJECTED},
      {{.status = 401}, TOCSIN_MISCONFIGURED},
      {{.status = 404}, TOCSIN_MISCONFIGURED},
      {{.status = 408}, TOCSIN_RETRY},
      {{.status = 410}, TOCSIN_GONE},
      {{.status = 413}, TOCSIN_REJECTED},
      {{.status = 425}, TOCSIN_RETRY},
      {{.status = 429}, TOCSIN_RATE_LIMITED},
      {{.status = 500}, TOCSIN_RETRY},
      {{.status = 599}, TOCSIN_RETRY},
      {{.status = 0, .io_error = TOCSIN_IO_CONNECT, .request_sent = false}, TOCSIN_RETRY},
      {{.status = 0, .io_error = TOCSIN_IO_TIMEOUT, .request_sent = true}, TOCSIN_UNCERTAIN},
      {{.status = 0, .io_error = TOCSIN_IO_BLOCKED, .request_sent = false}, TOCSIN_MISCONFIGURED},
      {{.status = 0, .io_error = TOCSIN_IO_BAD_REQUEST, .request_sent = false}, TOCSIN_MISCONFIGURED},
      {{.status = 200, .io_error = TOCSIN_IO_CLOSED}, TOCSIN_DELIVERED},
  };
  for (const auto& [reply, expected] : cases) {
    reply.as_c([&, expected = expected, status = reply.status](const tocsin_http_response& c) {
      EXPECT_EQ(tocsin::classify(tocsin::http_response(c)).status, expected) << status;
    });
  }
}

TEST(HttpRequest, CarriesMoreHeadersThanFitTheSmallBuffer) {
  auto request = tocsin::put("https://a.example/")
                     .basic("user", "tsec_p")
                     .secrets_in_body(TOCSIN_BODY_FORM)
                     .timeout_ms(9);
  for (int i = 0; i < 40; ++i) request.header("X-" + std::to_string(i), "v");
  request.as_c([](const tocsin_http_request& c) {
    EXPECT_EQ(c.n_headers, 40U);
    EXPECT_EQ(tocsin::view(c.headers[39].key), "X-39");
    EXPECT_EQ(tocsin::view(c.basic_password), "tsec_p");
    EXPECT_EQ(c.body_secrets, static_cast<std::uint32_t>(TOCSIN_BODY_FORM));
    EXPECT_EQ(tocsin::view(c.method), "PUT");
    EXPECT_EQ(c.timeout_ms, 9U);
  });
}

// Completes with a timer.
struct Waiter {
  static constexpr tocsin::about about{
      .type = "test.waiter", .name = "Waiter", .version = "1", .requires_ext = {TOCSIN_EXT_CLOCK}};
  Waiter(const tocsin::settings&, const tocsin::host& h) : host(h) {}
  void deliver(tocsin::message, tocsin::delivery d) {
    const auto fire = [](tocsin_instance*, void* user) { static_cast<Waiter*>(user)->finish(); };
    std::uint64_t wrong = 0;
    host.clock()->start_timer(host.raw(), 10, fire, this, &timer);
    host.clock()->start_timer(host.raw(), 5, fire, this, &wrong);
    host.clock()->cancel_timer(host.raw(), wrong);
    waiting.push_back(d);
  }
  void finish() {
    for (const tocsin::delivery& d : waiting) d.complete(tocsin::outcome::accepted());
    waiting.clear();
  }
  tocsin::host host;
  std::uint64_t timer = 0;
  std::vector<tocsin::delivery> waiting;
};

TEST(FakeHost, FiresTimersInItsOwnTimeAndNotAfterACancel) {
  fake_host host(type_of<Waiter>());
  ASSERT_TRUE(host.create({}));
  EXPECT_TRUE(host.deliver(sample_message{}).empty());
  host.advance(9);
  EXPECT_TRUE(host.completions.empty());
  host.advance(1);
  ASSERT_EQ(host.completions.size(), 1U);
  EXPECT_EQ(host.completions[0].status, TOCSIN_ACCEPTED);
}

// As a thread would that destroy() has not joined.
TEST(FakeHost, CountsACallAfterDestroyAndIsNotTouchedByIt) {
  auto host = std::make_unique<fake_host>(type_of<Waiter>());
  ASSERT_TRUE(host->create({}));
  const tocsin_host* const kept = host->raw();
  const auto* const clock = static_cast<const tocsin_clock*>(kept->get_extension(kept, TOCSIN_EXT_CLOCK));
  tocsin_outcome outcome{};
  const std::size_t before = tocsin::testing::late_calls();
  EXPECT_EQ(clock->unix_ms(kept), host->unix_ms);
  host->destroy();
  kept->complete(kept, nullptr, &outcome);
  EXPECT_TRUE(host->completions.empty());
  EXPECT_EQ(tocsin::testing::late_calls(), before + 1);
  ASSERT_TRUE(host->create({}));
  EXPECT_NE(host->raw(), kept) << "the next channel has a host of its own";
  EXPECT_EQ(clock->unix_ms(host->raw()), host->unix_ms);
  EXPECT_EQ(clock->cancel_timer(kept, 1), TOCSIN_E_CLOSING);
  host.reset();
  EXPECT_EQ(clock->unix_ms(kept), 0);
  EXPECT_EQ(kept->get_extension(kept, TOCSIN_EXT_CLOCK), clock);
  EXPECT_EQ(tocsin::testing::late_calls(), before + 4);
  EXPECT_GT(tocsin::testing::door_bytes(), 0U);
}

TEST(FakeHost, KeepsFewDoorsHoweverManyChannelsThereWere) {
  const auto live = [] {
    for (int i = 0; i < 5'000; ++i) fake_host host(type_of<Waiter>());
  };
  live();
  const std::size_t before = tocsin::testing::door_bytes();
  live();
  EXPECT_EQ(tocsin::testing::door_bytes(), before);
}

}  // namespace
