// Conformance of the objects that teams keep in the store. Included by conformance.hpp.
#pragma once

#include "store/conformance.hpp"

namespace tocsin::store {

inline ObjectWrite make_channel(TeamId team, const std::string& name, std::int64_t expected = 0) {
  ObjectWrite write;
  write.object.team = team;
  write.object.name = name;
  write.object.body = R"({"type":"webhook"})";
  write.object.secrets = {{"/secret", "k1", std::string("sealed\0bytes", 12)}};
  write.expected = expected;
  return write;
}

TEST_P(StoreConformance, KeepsAnObjectWithItsSecretsOverARestart) {
  const auto write = make_channel(team, "siem");
  EXPECT_EQ(must(store->write_object(write, kStartMs)), 1);
  stop_and_start();
  const auto objects = must(store->list_objects());
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].name, "siem");
  EXPECT_EQ(objects[0].body, write.object.body);
  EXPECT_EQ(objects[0].version, 1);
  EXPECT_EQ(objects[0].created_ms, kStartMs);
  ASSERT_EQ(objects[0].secrets.size(), 1U);
  EXPECT_EQ(objects[0].secrets[0].pointer, "/secret");
  EXPECT_EQ(objects[0].secrets[0].key, "k1");
  EXPECT_EQ(objects[0].secrets[0].sealed, write.object.secrets[0].sealed);
}

TEST_P(StoreConformance, ReplacesAnObjectAndItsSecretsWhole) {
  must(store->write_object(make_channel(team, "siem"), kStartMs));
  auto next = make_channel(team, "siem", 1);
  next.object.body = R"({"type":"webhook","paused":true})";
  next.object.secrets = {{"/headers/X", "k2", "other"}};
  EXPECT_EQ(must(store->write_object(next, kStartMs + 5)), 2);
  const auto object = must(store->list_objects()).at(0);
  EXPECT_EQ(object.body, next.object.body);
  EXPECT_EQ(object.created_ms, kStartMs);
  EXPECT_EQ(object.updated_ms, kStartMs + 5);
  ASSERT_EQ(object.secrets.size(), 1U);
  EXPECT_EQ(object.secrets[0].pointer, "/headers/X");
}

TEST_P(StoreConformance, RefusesALostUpdateAndChangesNothing) {
  must(store->write_object(make_channel(team, "siem"), kStartMs));
  for (const std::int64_t expected : {0, 2, 7}) {
    auto late = make_channel(team, "siem", expected);
    late.object.body = "{}";
    late.object.secrets.clear();
    EXPECT_EQ(store->write_object(late, kStartMs).error().code, Errc::kConflict) << expected;
    late.remove = true;
    EXPECT_EQ(store->write_object(late, kStartMs).error().code, Errc::kConflict) << expected;
  }
  EXPECT_EQ(store->write_object(make_channel(team, "new", 1), kStartMs).error().code, Errc::kConflict);
  const auto objects = must(store->list_objects());
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].version, 1);
  EXPECT_EQ(objects[0].secrets.size(), 1U);
}

TEST_P(StoreConformance, RemovesAnObjectWithItsSecrets) {
  must(store->write_object(make_channel(team, "siem"), kStartMs));
  must(store->write_object(make_channel(team, "other"), kStartMs));
  auto removal = make_channel(team, "siem", 1);
  removal.remove = true;
  EXPECT_EQ(must(store->write_object(removal, kStartMs)), 0);
  const auto objects = must(store->list_objects());
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].name, "other");
  auto again = make_channel(team, "siem");
  again.object.secrets.clear();
  EXPECT_EQ(must(store->write_object(again, kStartMs)), 1);
  EXPECT_TRUE(must(store->list_objects()).at(1).secrets.empty()) << "nothing of the old one is left";
}

TEST_P(StoreConformance, ListsRulesInTheirOrderAndKindsApart) {
  for (const auto& [name, place] : {std::pair("b", 1), std::pair("a", 2), std::pair("c", 0)}) {
    ObjectWrite rule;
    rule.object = {team, ObjectKind::kRule, name, "{}", place, 0, 0, 0, {}};
    must(store->write_object(rule, kStartMs));
  }
  must(store->write_object(make_channel(team, "a"), kStartMs));
  std::vector<std::string> names;
  for (const auto& object : must(store->list_objects())) names.push_back(object.name);
  EXPECT_THAT(names, testing::ElementsAre("a", "c", "b", "a"));
}

TEST_P(StoreConformance, PutsRulesInAnotherOrderAndChangesNoVersion) {
  for (const char* name : {"a", "b", "c"}) {
    for (const TeamId of : {team, other_team}) {
      ObjectWrite rule;
      rule.object = {of, ObjectKind::kRule, name, "{}", name[0] - 'a', 0, 0, 0, {}};
      must(store->write_object(rule, kStartMs));
    }
  }
  must(store->write_object(make_channel(team, "a"), kStartMs));
  ASSERT_TRUE(store->order_objects({team, ObjectKind::kRule, {"c", "a", "b"}}));
  stop_and_start();
  std::string names;
  for (const auto& object : must(store->list_objects())) {
    names += object.name;
    EXPECT_EQ(object.version, 1);
  }
  EXPECT_EQ(names, team < other_team ? "acababc" : "abcacab") << "the channel, its rules, the other team's";
}

TEST_P(StoreConformance, ListsWhatAnotherKeyHasSealedPageByPage) {
  for (const char* name : {"a", "b", "c"}) must(store->write_object(make_channel(team, name), kStartMs));
  auto two = make_channel(other_team, "a");
  two.object.secrets.push_back({"/url", "k2", "under the active one"});
  must(store->write_object(two, kStartMs));
  std::vector<std::string> seen;
  SecretAt after;
  while (true) {
    const auto page = must(store->list_secrets("k2", after, 2));
    if (page.empty()) break;
    EXPECT_LE(page.size(), 2U);
    for (const auto& value : page) {
      seen.push_back(value.team_name + "/" + value.at.name + value.at.pointer);
      EXPECT_EQ(value.key, "k1");
      EXPECT_EQ(value.sealed, std::string("sealed\0bytes", 12));
    }
    after = page.back().at;
  }
  EXPECT_THAT(
      seen, ElementsAre("platform/a/secret", "platform/b/secret", "platform/c/secret", "payments/a/secret"));
}

TEST_P(StoreConformance, RewrapsOnlyWhatIsStillSealedAsItWasRead) {
  for (const char* name : {"a", "b", "c"}) must(store->write_object(make_channel(team, name), kStartMs));
  std::vector<Rewrapped> values;
  for (const auto& value : must(store->list_secrets("k2", {}, 10))) {
    values.push_back({value.at, value.sealed, "k2", std::string("anew\0", 5) + value.at.name});
  }
  auto changed = make_channel(team, "b", 1);
  changed.object.secrets[0].sealed = "set meanwhile";
  must(store->write_object(changed, kStartMs));
  auto removal = make_channel(team, "c", 1);
  removal.remove = true;
  must(store->write_object(removal, kStartMs));
  EXPECT_THAT(must(store->rewrap(values)), ElementsAre(true, false, false));
  crash();
  const auto objects = must(store->list_objects());
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].secrets.at(0).key, "k2");
  EXPECT_EQ(objects[0].secrets.at(0).sealed, std::string("anew\0a", 6));
  EXPECT_EQ(objects[0].version, 1) << "its ETag stays";
  EXPECT_EQ(objects[1].secrets.at(0).key, "k1");
  EXPECT_EQ(objects[1].secrets.at(0).sealed, "set meanwhile");
}

TEST_P(StoreConformance, CountsWhatEachKeyHasSealed) {
  EXPECT_THAT(must(reader->count_secrets()), IsEmpty());
  auto write = make_channel(team, "a");
  write.object.secrets.push_back({"/url", "k2", "x"});
  write.object.secrets.push_back({"/user", "k2", "y"});
  must(store->write_object(write, kStartMs));
  const auto uses = must(reader->count_secrets());
  ASSERT_EQ(uses.size(), 2U);
  EXPECT_EQ(uses[0].key + " " + std::to_string(uses[0].secrets), "k1 1");
  EXPECT_EQ(uses[1].key + " " + std::to_string(uses[1].secrets), "k2 2");
}

TEST_P(StoreConformance, KeepsTheAuditLogInOrder) {
  AuditRecord record;
  record.at_ms = kStartMs;
  record.team = team;
  record.actor = "ann";
  record.act = "channel.change";
  for (const char* object : {"a", "b", "c"}) {
    record.object = object;
    must(store->add_audit(record));
  }
  record.team = team + 1;
  must(store->add_audit(record));
  stop_and_start();
  const auto page = must(reader->list_audit({team, 0, 2}));
  ASSERT_EQ(page.records.size(), 2U);
  EXPECT_EQ(page.records[0].object, "c");
  EXPECT_EQ(page.records[0].actor, "ann");
  const auto rest = must(reader->list_audit({team, page.next, 2}));
  ASSERT_EQ(rest.records.size(), 1U);
  EXPECT_EQ(rest.records[0].object, "a");
  EXPECT_EQ(rest.next, 0);
  EXPECT_EQ(must(reader->list_audit({std::nullopt, 0, 10})).records.size(), 4U);
}

}  // namespace tocsin::store
