// Loading real files: each sin of tests/plugins/faulty and each way a file must not lie, in one sentence.
#include "plugin/library.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "plugin/library_file.hpp"
#include "plugin/plugin_set.hpp"

namespace tocsin::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string faulty(const std::string& name) {
  return std::string(TOCSIN_BINARY_DIR) + "/tests/faulty/" + name + ".so";
}

std::string problem_of(const std::string& path, const std::string& pin = "") {
  const auto set = PluginSet::load({{path, pin}});
  EXPECT_EQ(set.states().size(), 1U);
  EXPECT_EQ(set.states()[0].problem.empty(), set.states()[0].loaded);
  return set.states()[0].problem;
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "tocsin-library-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  [[nodiscard]] std::string copy(const std::string& from, const std::string& as = "plugin.so") const {
    fs::copy_file(from, path_ / as, fs::copy_options::overwrite_existing);
    fs::permissions(path_ / as, fs::perms(0644));
    return (path_ / as).string();
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::ptrdiff_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), {});
}

TEST(LibraryLoading, KeepsNothingOfWhatIsRefusedAtEachReload) {
  for (const char* refused : {"text", "missing_symbol", "no_entry", "null_return", "bad_schema"}) {
    static_cast<void>(problem_of(faulty(refused)));  // one that loads is kept
    const auto before = open_descriptors();
    std::string problem;
    for (int reload = 0; reload < 10; ++reload) problem = problem_of(faulty(refused));
    EXPECT_FALSE(problem.empty());
    EXPECT_EQ(open_descriptors(), before) << refused;
  }
}

TEST(LibraryLoading, LoadsAGoodPluginAndSaysWhatItRead) {
  const auto set = PluginSet::load({{faulty("valid"), ""}});
  const auto& state = set.states().front();
  EXPECT_TRUE(state.loaded) << state.problem;
  EXPECT_EQ(state.sha256.size(), 64U);
  EXPECT_EQ(state.sdk, "plain C");
  ASSERT_EQ(state.types.size(), 1U);
  EXPECT_NE(set.find_type(state.types[0]), nullptr);
}

struct Sin {
  const char* file;
  const char* sentence;
};

TEST(LibraryLoading, NamesEachSinInOneSentence) {
  for (const Sin& sin : {
           Sin{"text", "is not a shared library"},
           Sin{"missing_symbol", "needs the symbol \"tocsin_test_no_such_function\", which nothing provides"},
           Sin{"no_entry", "exports no tocsin_plugin_v1()"},
           Sin{"null_return", "returned NULL from tocsin_plugin_v1()"},
           Sin{"wrong_abi", "has a descriptor of size 0"},
           Sin{"wrong_size", "has a size of 12"},
           Sin{"null_api", ".api is NULL"},
           Sin{"bad_type_id", "malformed id"},
           Sin{"bad_schema", "settings schema that"},
           Sin{"unknown_extension", "requires the extension"},
       }) {
    const std::string problem = problem_of(faulty(sin.file));
    EXPECT_THAT(problem, AllOf(HasSubstr(sin.sentence), HasSubstr(faulty(sin.file)),
                               Not(HasSubstr("/proc/self")), Not(HasSubstr("\n"))))
        << sin.file;
  }
}

TEST(LibraryLoading, LoadsTheGoodOnesBesideTheBad) {
  const auto set = PluginSet::load({{faulty("text"), ""}, {faulty("valid"), ""}, {faulty("no_entry"), ""}});
  EXPECT_EQ(set.types().size(), 1U);
}

TEST(LibraryLoading, KeepsWhatIsLoadedAndTriesTheRestAgainWhenSourcesAreAdded) {
  const Folder folder;
  const std::string later = (folder.path() / "later.so").string();
  auto set = PluginSet::load({{faulty("valid"), ""}, {later, ""}});
  const auto type = set.types().front();
  EXPECT_FALSE(set.states()[1].loaded);
  std::ignore = folder.copy(faulty("throws"), "later.so");
  set.add({{faulty("valid"), ""}, {later, ""}});
  ASSERT_EQ(set.states().size(), 2U);
  EXPECT_TRUE(set.states()[1].loaded) << set.states()[1].problem;
  EXPECT_EQ(set.types().front(), type);
}

TEST(LibraryLoading, ComparesThePinnedDigest) {
  const std::string good = PluginSet::load({{faulty("valid"), ""}}).states()[0].sha256;
  std::string upper = good;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  EXPECT_EQ(problem_of(faulty("valid"), good), "");
  EXPECT_EQ(problem_of(faulty("valid"), upper), "");
  EXPECT_THAT(problem_of(faulty("valid"), std::string(64, '0')),
              HasSubstr("has the sha256 " + good + ", which is not the one pinned"));
}

TEST(LibraryLoading, RefusesWhatAnybodyCouldChange) {
  const Folder folder;
  const std::string file = folder.copy(faulty("valid"));
  EXPECT_EQ(problem_of(file), "");
  fs::permissions(file, fs::perms(0646));
  EXPECT_THAT(problem_of(file), HasSubstr("is writable for everyone"));
  fs::permissions(file, fs::perms(0644));
  fs::permissions(folder.path(), fs::perms(0777));
  EXPECT_THAT(problem_of(file), AllOf(HasSubstr("the folder"), HasSubstr("is writable for everyone")));
  fs::permissions(folder.path(), fs::perms(0700));
}

TEST(LibraryLoading, RefusesAnotherUsersFileAndAnotherGroupsRight) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const Folder folder;
  const std::string file = folder.copy(faulty("valid"));
  ASSERT_EQ(::chown(file.c_str(), 12345, 0), 0);
  EXPECT_THAT(problem_of(file), HasSubstr("is owned by user 12345"));
  ASSERT_EQ(::chown(file.c_str(), 0, 12345), 0);
  fs::permissions(file, fs::perms(0664));
  EXPECT_THAT(problem_of(file), HasSubstr("is writable for group 12345"));
  ASSERT_EQ(::chown(file.c_str(), 0, ::getegid()), 0);
  fs::permissions(file, fs::perms(0664));
  EXPECT_EQ(problem_of(file), "");
}

TEST(LibraryLoading, RefusesWhatIsNoOrdinaryFile) {
  const Folder folder;
  EXPECT_THAT(problem_of("plugins/webhook.so"), HasSubstr("is no absolute path"));
  EXPECT_THAT(problem_of((folder.path() / "absent.so").string()), HasSubstr("cannot be found"));
  EXPECT_THAT(problem_of(folder.path().string()), HasSubstr("is not a regular file"));
  const std::string pipe = (folder.path() / "pipe.so").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(problem_of(pipe), HasSubstr("is not a regular file"));
  const std::string huge = (folder.path() / "huge.so").string();
  std::ofstream(huge) << "x";
  fs::resize_file(huge, 65U * 1024 * 1024);
  EXPECT_THAT(problem_of(huge), HasSubstr("larger than 64 MiB"));
  const std::string empty = (folder.path() / "empty.so").string();
  std::ofstream{empty};
  EXPECT_THAT(problem_of(empty), HasSubstr("is not a shared library"));
}

TEST(LibraryLoading, RefusesTheHostsOwnProgram) {
  EXPECT_THAT(problem_of(fs::read_symlink("/proc/self/exe").string()),
              HasSubstr("is the host's own program"));
  const Folder folder;
  fs::create_symlink(fs::read_symlink("/proc/self/exe"), folder.path() / "linked.so");
  EXPECT_THAT(problem_of((folder.path() / "linked.so").string()), HasSubstr("is the host's own program"));
}

TEST(LibraryLoading, RefusesAnotherMachinesLibraryAndABrokenOne) {
  const Folder folder;
  const std::string file = folder.copy(faulty("valid"));
  {
    std::fstream change(file, std::ios::in | std::ios::out | std::ios::binary);
    change.seekp(18);  // e_machine
    change.put('\x08');
  }
  EXPECT_THAT(problem_of(file), HasSubstr("is built for another machine"));
  const std::string cut = folder.copy(faulty("valid"), "cut.so");
  fs::resize_file(cut, 200);
  EXPECT_THAT(problem_of(cut), AllOf(HasSubstr("does not load"), Not(HasSubstr("/proc/self"))));
}

TEST(LibraryLoading, RunsFromACopyThatNobodyCanChange) {
  const auto memory = seal_in_memory("some bytes");
  ASSERT_TRUE(memory);
  EXPECT_EQ(::write(*memory, "x", 1), -1);
  EXPECT_EQ(::ftruncate(*memory, 0), -1);
  EXPECT_EQ(::fcntl(*memory, F_GET_SEALS), F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
  ::close(*memory);

  const Folder folder;
  const std::string file = folder.copy(faulty("valid"));
  const auto library = load_library(file, "");
  ASSERT_TRUE(library) << library.error().detail;
  fs::resize_file(file, 0);  // what a careless upgrade does; a mapped file would now end in SIGBUS
  EXPECT_EQ(library->table->n_types, 1U);
  EXPECT_NE(library->table->types[0]->api, nullptr);
}

}  // namespace
}  // namespace tocsin::plugin
