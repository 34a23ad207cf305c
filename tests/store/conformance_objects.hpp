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
