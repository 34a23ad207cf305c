// Sealed values open in their place with their key, and in no other case.
#include "security/key_ring.hpp"

#include <gmock/gmock.h>

#include <set>

namespace tocsin::security {
namespace {

using testing::HasSubstr;
using testing::Not;

const SecretPlace kPlace{"demo", "siem", "/secret"};

MasterKey key(std::string id, char byte) {
  return {std::move(id), Secret(std::string(32, byte))};
}
KeyRing ring(std::vector<MasterKey> keys, const std::string& active) {
  auto made = KeyRing::create(std::move(keys), active);
  EXPECT_TRUE(made) << made.error().detail;
  return made ? std::move(*made) : KeyRing();
}
KeyRing one_key() {
  return ring({key("k1", 'a')}, "k1");
}

TEST(KeyRing, OpensWhatItSealed) {
  const KeyRing keys = one_key();
  for (const std::string& text :
       {std::string(), std::string("x"), std::string("canary\0null", 11), std::string(100'000, 'y')}) {
    const auto sealed = keys.seal(Secret(text), kPlace);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(sealed->key, "k1");
    EXPECT_EQ(sealed->bytes.size(), text.size() + 28);
    const auto opened = keys.open(*sealed, kPlace);
    ASSERT_TRUE(opened) << opened.error().detail;
    EXPECT_EQ(opened->reveal(), text);
  }
}

TEST(KeyRing, NeverMakesTheSameBytesTwiceAndShowsNothingOfTheText) {
  const KeyRing keys = one_key();
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto sealed = keys.seal(Secret("canary"), kPlace);
    EXPECT_EQ(sealed->bytes.find("canary"), std::string::npos);
    EXPECT_TRUE(seen.insert(sealed->bytes).second);
    EXPECT_TRUE(seen.insert(sealed->bytes.substr(0, 12)).second) << "a nonce came twice";
  }
}

TEST(KeyRing, DetectsEveryChangedBitAndEveryLength) {
  const KeyRing keys = one_key();
  const auto sealed = *keys.seal(Secret("a secret"), kPlace);
  for (std::size_t i = 0; i < sealed.bytes.size() * 8; ++i) {
    SealedSecret changed = sealed;
    changed.bytes[i / 8] = static_cast<char>(changed.bytes[i / 8] ^ (1 << (i % 8)));
    const auto opened = keys.open(changed, kPlace);
    ASSERT_FALSE(opened) << "bit " << i;
    EXPECT_EQ(opened.error().code, Errc::kInvalid);
  }
  for (std::size_t length = 0; length < sealed.bytes.size(); ++length) {
    EXPECT_FALSE(keys.open({"k1", sealed.bytes.substr(0, length)}, kPlace)) << length;
  }
  EXPECT_FALSE(keys.open({"k1", sealed.bytes + 'x'}, kPlace));
}

TEST(KeyRing, DetectsThatAValueWasMoved) {
  const KeyRing keys = one_key();
  const auto sealed = *keys.seal(Secret("a secret"), kPlace);
  for (const SecretPlace& other :
       {SecretPlace{"other", "siem", "/secret"}, SecretPlace{"demo", "other", "/secret"},
        SecretPlace{"demo", "siem", "/password"}, SecretPlace{"demos", "iem", "/secret"},
        SecretPlace{"", "demosiem", "/secret"}}) {
    const auto opened = keys.open(sealed, other);
    ASSERT_FALSE(opened) << other.team << ' ' << other.channel << ' ' << other.field;
    EXPECT_THAT(opened.error().detail, HasSubstr("changed or moved"));
  }
}

TEST(KeyRing, SealsWithTheActiveKeyAndOpensWithAny) {
  const KeyRing before = ring({key("k1", 'a')}, "k1");
  const KeyRing during = ring({key("k1", 'a'), key("k2", 'b')}, "k2");
  const KeyRing after = ring({key("k2", 'b')}, "k2");
  const auto old_value = *before.seal(Secret("a secret"), kPlace);
  EXPECT_EQ(during.open(old_value, kPlace)->reveal(), "a secret");
  const auto new_value = *during.seal(*during.open(old_value, kPlace), kPlace);
  EXPECT_EQ(new_value.key, "k2");
  EXPECT_EQ(after.open(new_value, kPlace)->reveal(), "a secret");
  const auto lost = after.open(old_value, kPlace);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::kUnavailable);
  EXPECT_THAT(lost.error().detail, HasSubstr("\"k1\""));
}

TEST(KeyRing, TellsAWrongKeyOfTheRightName) {
  const auto sealed = *one_key().seal(Secret("a secret"), kPlace);
  const auto opened = ring({key("k1", 'z')}, "k1").open(sealed, kPlace);
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().detail, HasSubstr("the key is another one"));
  SealedSecret renamed = sealed;
  renamed.key = "k2";
  EXPECT_FALSE(ring({key("k2", 'a')}, "k2").open(renamed, kPlace)) << "the key's name is part of the place";
}

TEST(KeyRing, SealsNothingWithoutAKey) {
  const auto sealed = KeyRing().seal(Secret("canary"), kPlace);
  ASSERT_FALSE(sealed);
  EXPECT_EQ(sealed.error().code, Errc::kUnavailable);
  EXPECT_THAT(sealed.error().detail, Not(HasSubstr("canary")));
}

TEST(KeyRing, SaysOfEachKeyWhetherItCanBeUsed) {
  std::vector<MasterKey> keys;
  keys.push_back({"k1", Secret(std::string(32, 'a'))});
  keys.push_back({"k2", Secret(), "its file is not there"});
  auto ring = KeyRing::create(keys, "k1");
  ASSERT_TRUE(ring);
  const auto states = ring->states();
  ASSERT_EQ(states.size(), 2U);
  EXPECT_EQ(states[0].id, "k1");
  EXPECT_EQ(states[0].fault, "");
  EXPECT_EQ(states[1].fault, "its file is not there");
  EXPECT_TRUE(ring->can_seal());
  const auto lost = KeyRing::create(std::move(keys), "k2")->can_seal();
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, Errc::kUnavailable);
  EXPECT_EQ(KeyRing().can_seal().error().code, Errc::kUnavailable);
}

TEST(KeyRing, RefusesKeysThatCannotBe) {
  EXPECT_FALSE(KeyRing::create({key("k1", 'a'), key("k1", 'b')}, "k1"));
  EXPECT_FALSE(KeyRing::create({key("k1", 'a')}, "k2"));
  EXPECT_FALSE(KeyRing::create({key("K 1", 'a')}, "K 1"));
  EXPECT_FALSE(KeyRing::create({key("", 'a')}, ""));
  EXPECT_FALSE(KeyRing::create({key(std::string(33, 'k'), 'a')}, std::string(33, 'k')));
  EXPECT_FALSE(KeyRing::create({{"k1", Secret("short")}}, "k1"));
  EXPECT_TRUE(KeyRing::create({}, ""));
}

TEST(MasterKeyText, IsBase64OrHexadecimalAndNothingElse) {
  const std::string base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
  const std::string hex = "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F";
  const auto from_base64 = read_master_key(Secret(" " + base64 + "\n"));
  ASSERT_TRUE(from_base64);
  EXPECT_EQ(from_base64->reveal().size(), 32U);
  EXPECT_EQ(read_master_key(Secret(hex))->reveal(), from_base64->reveal());
  for (const std::string& bad : {std::string(), std::string("canary"), base64.substr(1), base64 + "=",
                                 hex.substr(1), hex + "0", std::string(64, 'x'), std::string(44, '!')}) {
    const auto read = read_master_key(Secret(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_THAT(read.error().detail, Not(HasSubstr("canary")));
  }
  EXPECT_TRUE(read_master_key(Secret(make_master_key())));
  EXPECT_NE(make_master_key(), make_master_key());
}

}  // namespace
}  // namespace tocsin::security
