// Secrets from files, variables and credentials.
#include "config/secret_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config_folder.hpp"

namespace tocsin::config {
namespace {

using testing::HasSubstr;

std::string load(const std::string& path) {
  security::Secret secret;
  std::string problem;
  return load_secret_file(path, secret, problem) ? std::string(secret.reveal()) : "problem: " + problem;
}

TEST(SecretFile, IsReadWithoutItsOneTrailingNewline) {
  const ConfigFolder folder;
  EXPECT_EQ(load(folder.write("a", "s3cret\n")), "s3cret");
  EXPECT_EQ(load(folder.write("b", "s3cret")), "s3cret");
  EXPECT_EQ(load(folder.write("c", "s3cret\r\n")), "s3cret");
  EXPECT_EQ(load(folder.write("d", " two\nlines\n\n")), " two\nlines\n");
  EXPECT_EQ(load(folder.write("e", std::string(64 * 1024, 'x'))).size(), 64U * 1024);
}

TEST(SecretFile, IsRefusedWhereItIsMissingEmptyTooLongOrAFolder) {
  const ConfigFolder folder;
  EXPECT_THAT(load(folder.path("none")), HasSubstr("No such file"));
  EXPECT_THAT(load(folder.write("empty", "")), HasSubstr("is empty"));
  EXPECT_THAT(load(folder.write("newline", "\n")), HasSubstr("is empty"));
  EXPECT_THAT(load(folder.write("long", std::string(64 * 1024 + 1, 'x'))), HasSubstr("longer than 64 KiB"));
  EXPECT_THAT(load(folder.path("")), HasSubstr("problem: "));
}

TEST(Credential, StandsInTheServicesCredentialsDirectory) {
  const ConfigFolder folder;
  folder.write("hook", "s3cret\n");
  security::Secret secret;
  std::string problem;
  EXPECT_FALSE(load_credential("hook", secret, problem));
  EXPECT_THAT(problem, HasSubstr("LoadCredential=hook:"));
  const ScopedVariable variable("CREDENTIALS_DIRECTORY", folder.path(""));
  EXPECT_TRUE(load_credential("hook", secret, problem));
  EXPECT_EQ(secret.reveal(), "s3cret");
  for (const auto* name : {"", "../hook", "a/b", ".."}) {
    EXPECT_FALSE(load_credential(name, secret, problem)) << name;
    EXPECT_THAT(problem, HasSubstr("is no credential name"));
  }
}

TEST(SecretVariable, MustBeSetAndNotEmpty) {
  security::Secret secret;
  std::string problem;
  EXPECT_FALSE(load_secret_variable("TOCSIN_TEST_SECRET", secret, problem));
  EXPECT_THAT(problem, HasSubstr("is not set"));
  {
    const ScopedVariable variable("TOCSIN_TEST_SECRET", "");
    EXPECT_FALSE(load_secret_variable("TOCSIN_TEST_SECRET", secret, problem));
    EXPECT_THAT(problem, HasSubstr("is empty"));
  }
  const ScopedVariable variable("TOCSIN_TEST_SECRET", "s3cret");
  EXPECT_TRUE(load_secret_variable("TOCSIN_TEST_SECRET", secret, problem));
  EXPECT_EQ(secret.reveal(), "s3cret");
}

}  // namespace
}  // namespace tocsin::config
