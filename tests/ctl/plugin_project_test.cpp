// `tocsin plugin new` from the command line: what is written, and what is refused. That it builds is
// tests/e2e/sdk.test.mjs's to show.
#include "ctl/plugin_project.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace tocsin::ctl {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

class NewPlugin : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "tocsin-new-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  Exit write(const std::string& name, const std::string& language = "c++") {
    Console console{in_, out_, err_};
    return write_plugin_project({name, language, (folder_ / "made").string()}, console);
  }
  std::string read(const std::string& file) const {
    std::ifstream in(folder_ / "made" / file);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  std::istringstream in_;
  std::ostringstream out_, err_;
};

TEST_F(NewPlugin, NamesEveryFileAndTypeForThePlugin) {
  ASSERT_EQ(write("my_pager"), Exit::kOk) << err_.str();
  EXPECT_THAT(read("CMakeLists.txt"), HasSubstr("tocsin_add_channel(my_pager SOURCES my_pager.cpp)"));
  EXPECT_THAT(read("my_pager.cpp"), HasSubstr(".type = \"com.example.my_pager\""));
  EXPECT_THAT(read("my_pager_test.cpp"), HasSubstr("class MyPager"));
  for (const auto& entry : fs::directory_iterator(folder_ / "made")) {
    EXPECT_THAT(read(entry.path().filename().string()), Not(HasSubstr("acme"))) << entry.path();
  }
  EXPECT_THAT(out_.str(), HasSubstr("ctest --test-dir"));
}

TEST_F(NewPlugin, WritesCToo) {
  ASSERT_EQ(write("pager", "c"), Exit::kOk);
  EXPECT_THAT(read("pager.c"), HasSubstr("#include <tocsin/helpers.h>"));
  EXPECT_EQ(read("pager.cpp"), "");
}

TEST_F(NewPlugin, OverwritesNothing) {
  ASSERT_EQ(write("pager"), Exit::kOk);
  EXPECT_EQ(write("pager"), Exit::kFailed);
  EXPECT_THAT(err_.str(), HasSubstr("is there already"));
}

TEST_F(NewPlugin, RefusesWhatIsNoName) {
  for (const char* name :
       {"", "Pager", "9lives", "a-b", "../up", "a b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(write(name), Exit::kUsage) << name;
  }
  EXPECT_FALSE(fs::exists(folder_ / "made"));
}

}  // namespace
}  // namespace tocsin::ctl
