// The lock, the modes of files and the ballast.
#include "store/data_directory.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "store/fixtures.hpp"

namespace tocsin::store {
namespace {

using testing::HasSubstr;

mode_t mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
  return status.st_mode & 0777;
}

TEST(DataDirectory, IsMadePrivateWithWhatIsAboveIt) {
  const TempDirectory root;
  const auto directory = must(DataDirectory::open(root.path() + "/var/lib/tocsin"));
  EXPECT_EQ(mode_of(directory.path()), 0700u);
  must(directory.prepare_file(directory.file("tocsin.db")));
  EXPECT_EQ(mode_of(directory.file("tocsin.db")), 0600u);
  EXPECT_EQ(mode_of(directory.file("tocsin.lock")), 0600u);
  EXPECT_TRUE(directory.sync());
  EXPECT_GT(directory.free_bytes(), 0);
}

TEST(DataDirectory, RefusesASecondHolderAndNamesTheFirst) {
  const TempDirectory root;
  {
    const auto first = must(DataDirectory::open(root.path()));
    const auto second = DataDirectory::open(root.path());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::kConflict);
    EXPECT_THAT(second.error().detail, HasSubstr("pid " + std::to_string(::getpid())));
    EXPECT_THAT(second.error().detail, HasSubstr(root.path()));
  }
  EXPECT_TRUE(DataDirectory::open(root.path()));
}

TEST(DataDirectory, SaysWhyItCannotBeMade) {
  const TempDirectory root;
  std::ofstream(root.path() + "/file") << "x";
  const auto directory = DataDirectory::open(root.path() + "/file/below");
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().code, Errc::kIo);
  EXPECT_THAT(directory.error().detail, HasSubstr("file/below"));
}

TEST(Ballast, IsKeptUntilItIsNeeded) {
  const TempDirectory root;
  const auto directory = must(DataDirectory::open(root.path()));
  Ballast ballast(directory, 1 << 20);
  ballast.fill();
  EXPECT_EQ(std::filesystem::file_size(directory.file("ballast")), 1u << 20);
  ballast.release();
  EXPECT_FALSE(std::filesystem::exists(directory.file("ballast")));
  EXPECT_TRUE(ballast.has_room());
  ballast.fill();
  EXPECT_TRUE(std::filesystem::exists(directory.file("ballast")));
}

TEST(Ballast, IsNotMadeWhereItWouldFillTheDisk) {
  const TempDirectory root;
  const auto directory = must(DataDirectory::open(root.path()));
  Ballast ballast(directory, directory.free_bytes() / 2);
  ballast.fill();
  EXPECT_FALSE(std::filesystem::exists(directory.file("ballast")));
}

TEST(Ballast, IsNotMadeWhereNoneIsWanted) {
  const TempDirectory root;
  const auto directory = must(DataDirectory::open(root.path()));
  Ballast ballast(directory, 0);
  ballast.fill();
  EXPECT_FALSE(std::filesystem::exists(directory.file("ballast")));
}

}  // namespace
}  // namespace tocsin::store
