// Who gets what: no change missed, none repeated, whatever order joins, store reads, publications and losses
// come in.
#include "inbox/hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "inbox/frames.hpp"

namespace tocsin::inbox {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

InboxChange change(InboxSeq seq, std::string user = {}, TeamId team = 1) {
  InboxChange change;
  change.seq = seq;
  change.team = team;
  change.user = std::move(user);
  change.items = {seq};
  return change;
}

InboxSeq seq_of(const Frame& frame) {
  return std::stoll(frame->substr(4));  // "id: …"
}

struct Seen {
  std::vector<InboxSeq> all;
  bool open = true;
  int sends = 0;
};

class Recorder : public Listener {
 public:
  explicit Recorder(std::shared_ptr<Seen> seen) : seen_(std::move(seen)) {}
  bool send(std::span<const Frame> frames) override {
    if (!seen_->open) return false;
    ++seen_->sends;
    for (const Frame& frame : frames) seen_->all.push_back(seq_of(frame));
    return true;
  }

 private:
  std::shared_ptr<Seen> seen_;
};

class HubTest : public ::testing::Test {
 protected:
  explicit HubTest(HubOptions options = {})
      : hub([this](auto work) { soon.push_back(std::move(work)); }, options) {}
  void run_soon() {
    for (auto& work : std::exchange(soon, {})) work();
  }
  void publish(std::vector<InboxChange> changes) { hub.publish(changes); }
  // Joins and goes live at once, having read the store.
  std::shared_ptr<Seen> listen(InboxSeq after, const std::string& user = "ann", TeamId team = 1,
                               bool complete = true) {
    auto seen = std::make_shared<Seen>();
    std::unique_ptr<Listener> listener = std::make_unique<Recorder>(seen);
    const auto id = hub.join(team, user);
    EXPECT_TRUE(id);
    EXPECT_TRUE(hub.go_live(*id, after, complete, listener));
    last = *id;
    return seen;
  }
  std::vector<std::function<void()>> soon;
  Hub hub;
  Hub::Id last = 0;
};

TEST_F(HubTest, GivesEveryListenerOfTheTeamWhatComes) {
  const auto ann = listen(10), bob = listen(10, "bob"), other = listen(10, "ann", 2);
  publish({change(11), change(12)});
  publish({change(13)});
  EXPECT_THAT(ann->all, IsEmpty()) << "what comes together leaves together";
  run_soon();
  EXPECT_THAT(ann->all, ElementsAre(11, 12, 13));
  EXPECT_THAT(bob->all, ElementsAre(11, 12, 13));
  EXPECT_EQ(ann->sends, 1);
  EXPECT_THAT(other->all, IsEmpty());
}

TEST_F(HubTest, KeepsOnesPersonsChangesToThatPerson) {
  const auto ann = listen(10), tab = listen(10), bob = listen(10, "bob");
  publish({change(11), change(12, "ann"), change(13, "bob")});
  run_soon();
  EXPECT_THAT(ann->all, ElementsAre(11, 12));
  EXPECT_THAT(tab->all, ElementsAre(11, 12));
  EXPECT_THAT(bob->all, ElementsAre(11, 13));
}

TEST_F(HubTest, EncodesAChangeOnce) {
  std::vector<Frame> got;
  struct Keeper : Listener {
    explicit Keeper(std::vector<Frame>& out) : out_(out) {}
    bool send(std::span<const Frame> frames) override {
      out_.insert(out_.end(), frames.begin(), frames.end());
      return true;
    }
    std::vector<Frame>& out_;
  };
  for (int i = 0; i < 2; ++i) {
    std::unique_ptr<Listener> listener = std::make_unique<Keeper>(got);
    EXPECT_TRUE(hub.go_live(*hub.join(1, "ann"), 0, true, listener));
  }
  publish({change(1)});
  run_soon();
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0], got[1]);
}

TEST_F(HubTest, ResumesFromMemoryWithoutTheStore) {
  const auto ann = listen(10);
  publish({change(11), change(12, "bob"), change(13)});
  run_soon();
  EXPECT_THAT(listen(11, "ann", 1, false)->all, ElementsAre(13));
  EXPECT_THAT(listen(11, "bob", 1, false)->all, ElementsAre(12, 13));
  EXPECT_THAT(listen(13, "ann", 1, false)->all, IsEmpty());
  std::unique_ptr<Listener> listener = std::make_unique<Recorder>(std::make_shared<Seen>());
  const auto id = hub.join(1, "ann");
  EXPECT_FALSE(hub.go_live(*id, 9, false, listener)) << "before what is kept";
  EXPECT_FALSE(hub.go_live(*id, 14, false, listener)) << "after what is known";
  EXPECT_NE(listener, nullptr);
}

TEST_F(HubTest, DoesNotKnowATeamThatNobodyListenedTo) {
  publish({change(11)});
  std::unique_ptr<Listener> listener = std::make_unique<Recorder>(std::make_shared<Seen>());
  EXPECT_FALSE(hub.go_live(*hub.join(1, "ann"), 11, false, listener));
}

TEST_F(HubTest, HoldsBackWhatComesWhileTheStoreIsRead) {
  const auto id = hub.join(1, "ann");
  publish({change(11), change(12)});  // 11 is in the store read below, 12 is not
  run_soon();
  auto seen = std::make_shared<Seen>();
  std::unique_ptr<Listener> listener = std::make_unique<Recorder>(seen);
  EXPECT_TRUE(hub.go_live(*id, 11, true, listener));
  EXPECT_THAT(seen->all, ElementsAre(12));
  publish({change(13)});
  run_soon();
  EXPECT_THAT(seen->all, ElementsAre(12, 13));
}

TEST_F(HubTest, DropsWhoIsGoneAndNobodyElse) {
  const auto ann = listen(10), bob = listen(10, "bob");
  ann->open = false;
  publish({change(11)});
  run_soon();
  EXPECT_EQ(hub.size(), 1U);
  publish({change(12)});
  run_soon();
  EXPECT_THAT(bob->all, ElementsAre(11, 12));
  hub.leave(last);
  hub.leave(last);
  EXPECT_EQ(hub.size(), 0U);
  publish({change(13)});
  run_soon();
}

TEST_F(HubTest, KeepsOnlyThoseWhoMayStay) {
  const auto ann = listen(10);
  const Hub::Id first = last;
  const auto bob = listen(10, "bob");
  hub.keep_if([&](Hub::Id id) { return id == first; });
  publish({change(11)});
  run_soon();
  EXPECT_THAT(ann->all, ElementsAre(11));
  EXPECT_THAT(bob->all, IsEmpty());
}

class SmallHubTest : public HubTest {
 protected:
  SmallHubTest()
      : HubTest({.kept_frames = 4, .kept_bytes = 1 << 20, .listeners = 5, .listeners_of_user = 2}) {}
};

TEST_F(SmallHubTest, ForgetsTheOldestAndSaysSo) {
  const auto ann = listen(0);
  for (InboxSeq seq = 1; seq <= 10; ++seq) {
    publish({change(seq)});
    run_soon();
  }
  EXPECT_EQ(ann->all.size(), 10U);
  std::unique_ptr<Listener> listener = std::make_unique<Recorder>(std::make_shared<Seen>());
  const auto id = hub.join(1, "bob");
  EXPECT_FALSE(hub.go_live(*id, 5, false, listener));
  EXPECT_FALSE(hub.go_live(*id, 5, true, listener)) << "the store was read too long ago";
  EXPECT_TRUE(hub.go_live(*id, 6, false, listener));
}

TEST_F(SmallHubTest, LosesNothingOfABurstThatIsLongerThanItsMemory) {
  const auto ann = listen(0);
  std::vector<InboxChange> burst;
  for (InboxSeq seq = 1; seq <= 100; ++seq) burst.push_back(change(seq));
  publish(burst);
  run_soon();
  EXPECT_EQ(ann->all.size(), 100U);
}

TEST_F(SmallHubTest, LimitsTheListenersOfAUserAndOfAll) {
  EXPECT_TRUE(hub.join(1, "ann"));
  const auto second = hub.join(1, "ann");
  EXPECT_FALSE(hub.join(1, "ann"));
  EXPECT_TRUE(hub.join(2, "ann"));
  hub.leave(*second);
  EXPECT_TRUE(hub.join(1, "ann"));
  EXPECT_TRUE(hub.join(1, "bob"));
  EXPECT_TRUE(hub.join(1, "cid"));
  EXPECT_FALSE(hub.join(1, "dan")) << "five in all";
}

// The store's log, read and published with delays, against listeners that come, read, resume and are cut off
// at random.
TEST(HubProperty, NobodyMissesOrRepeatsAChange) {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::function<void()>> soon;
    Hub hub([&](auto work) { soon.push_back(std::move(work)); },
            {.kept_frames = 8, .listeners_of_user = 100});
    std::vector<InboxChange> log;  // committed
    std::size_t published = 0;
    struct Client {
      std::string user;
      std::shared_ptr<Seen> seen = std::make_shared<Seen>();
      std::vector<InboxSeq> got;  // over all its connections
      InboxSeq after = 0;
      std::optional<Hub::Id> id;
      bool live = false;
    };
    std::vector<Client> clients(6);
    for (std::size_t i = 0; i < clients.size(); ++i) clients[i].user = i % 2 == 0 ? "ann" : "bob";
    const auto collect = [](Client& client) {
      client.got.insert(client.got.end(), client.seen->all.begin(), client.seen->all.end());
      if (!client.seen->all.empty()) client.after = std::max(client.after, client.seen->all.back());
      client.seen->all.clear();
    };
    const auto connect = [&](Client& client) {
      if (!client.id) client.id = hub.join(1, client.user);
      std::unique_ptr<Listener> listener = std::make_unique<Recorder>(client.seen);
      if (random() % 2 == 0) client.live = hub.go_live(*client.id, client.after, false, listener);
      if (client.live) return;
      // The owner reads the store, sends what it finds, and joins the live ones.
      for (const auto& one : log) {
        if (one.seq > client.after && (one.user.empty() || one.user == client.user))
          client.got.push_back(one.seq);
      }
      client.after = log.empty() ? client.after : std::max(client.after, log.back().seq);
      if (random() % 3 == 0) return;  // more happens before it comes back to us
      client.live = hub.go_live(*client.id, client.after, true, listener);
    };
    for (int step = 0; step < 600; ++step) {
      Client& client = clients[random() % clients.size()];
      switch (random() % 6) {
        case 0:
        case 1:
          log.push_back(change(static_cast<InboxSeq>(log.size()) + 1,
                               random() % 3 == 0 ? clients[random() % 2].user : ""));
          break;
        case 2: {
          const std::size_t count = random() % (log.size() - published + 1);
          hub.publish({log.data() + published, count});
          published += count;
          break;
        }
        case 3:
          for (auto& work : std::exchange(soon, {})) work();
          break;
        case 4:
          if (!client.live) connect(client);
          break;
        default:
          if (client.id && random() % 4 == 0) {
            collect(client);
            hub.leave(*client.id);
            client.id.reset();
            client.live = false;
          }
      }
    }
    hub.publish({log.data() + published, log.size() - published});
    for (auto& work : std::exchange(soon, {})) work();
    for (Client& client : clients) {
      collect(client);
      while (!client.live) connect(client);
      collect(client);
      std::vector<InboxSeq> expected;
      for (const auto& one : log) {
        if (one.user.empty() || one.user == client.user) expected.push_back(one.seq);
      }
      ASSERT_EQ(client.got, expected) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace tocsin::inbox
