// Master keys from files, the environment and systemd credentials, and what cannot be a key.
#include <gmock/gmock.h>

#include "config/config.hpp"
#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kKey = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

TEST(SecretsConfig, HasNoKeyWithoutTheTable) {
  const ConfigFolder folder;
  const auto config = folder.load("");
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->keys->empty());
}

TEST(SecretsConfig, TakesKeysFromAFileTheEnvironmentAndACredential) {
  const ConfigFolder folder;
  folder.write("k1.key", std::string(kKey) + "\n");
  folder.write("k3", kKey);
  const ScopedVariable variable("TOCSIN_TEST_KEY", kKey);
  const ScopedVariable credentials("CREDENTIALS_DIRECTORY", folder.path("").c_str());
  const auto config = folder.load(R"(
[secrets]
active = "k2"
[[secrets.key]]
id = "k1"
file = "k1.key"
[[secrets.key]]
id = "k2"
env = "TOCSIN_TEST_KEY"
[[secrets.key]]
id = "k3"
credential = "k3"
)");
  ASSERT_TRUE(config) << config.error().detail;
  for (const char* id : {"k1", "k2", "k3"}) EXPECT_TRUE(config->keys->knows(id)) << id;
  EXPECT_EQ(config->keys->active(), "k2");
}

TEST(SecretsConfig, TheOnlyKeyIsActive) {
  const ConfigFolder folder;
  folder.write("k1.key", kKey);
  const auto config = folder.load("[[secrets.key]]\nid = \"k1\"\nfile = \"k1.key\"\n");
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->keys->active(), "k1");
}

TEST(SecretsConfig, AKeyThatIsNotThereIsSaidAndHoldsNothingUp) {
  const ConfigFolder folder;
  folder.write("bad.key", "canary");
  const std::pair<const char*, const char*> rows[] = {{"file = \"nowhere.key\"", "nowhere.key"},
                                                      {"env = \"TOCSIN_NOWHERE\"", "TOCSIN_NOWHERE"},
                                                      {"credential = \"nowhere\"", "nowhere"},
                                                      {"file = \"bad.key\"", "32 random bytes"}};
  for (const auto& [source, says] : rows) {
    const auto config = folder.load(std::string("[[secrets.key]]\nid = \"k1\"\n") + source + "\n");
    ASSERT_TRUE(config) << config.error().detail;
    ASSERT_EQ(config->keys->faults().size(), 1U) << source;
    EXPECT_THAT(config->keys->faults()[0], AllOf(HasSubstr("master key \"k1\" cannot be used"),
                                                 HasSubstr(says), Not(HasSubstr("canary"))));
    const auto sealed = config->keys->seal(security::Secret("s"), {"demo", "ops", "/url"});
    ASSERT_FALSE(sealed);
    EXPECT_EQ(sealed.error().code, Errc::kUnavailable);
    const auto opened = config->keys->open({"k1", std::string(40, 'x')}, {"demo", "ops", "/url"});
    EXPECT_EQ(opened.error().code, Errc::kUnavailable);
  }
}

TEST(SecretsConfig, NamesWhatIsWrongAndShowsNoKey) {
  const ConfigFolder folder;
  folder.write("good.key", kKey);
  const std::string good = "[[secrets.key]]\nid = \"k1\"\nfile = \"good.key\"\n";
  const std::pair<std::string, const char*> rows[] = {
      {"[[secrets.key]]\nfile = \"good.key\"\n", "secrets.key[0].id: is missing"},
      {"[[secrets.key]]\nid = \"k1\"\n", "exactly one of file, env and credential"},
      {"[[secrets.key]]\nid = \"k1\"\nfile = \"good.key\"\nenv = \"X\"\n", "exactly one of"},
      {"[[secrets.key]]\nid = \"k1\"\nkey = \"canary\"\n", "never the key itself"},
      {"[[secrets.key]]\nid = \"K1\"\nfile = \"good.key\"\n", "a-z"},
      {good + good, "two master keys"},
      {"[secrets]\nactive = \"k2\"\n" + good, "is not among the keys"},
      {good + "[[secrets.key]]\nid = \"k2\"\nfile = \"good.key\"\n", "is not among the keys"},
  };
  for (const auto& [text, says] : rows) {
    const auto config = folder.load(text);
    ASSERT_FALSE(config) << text;
    EXPECT_THAT(config.error().detail, HasSubstr(says)) << text;
    EXPECT_THAT(config.error().detail, Not(HasSubstr("canary"))) << text;
    EXPECT_THAT(config.error().detail, HasSubstr("tocsin.toml:")) << text;
  }
}

}  // namespace
}  // namespace tocsin::config
