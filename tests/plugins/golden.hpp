// What a channel sends, compared byte for byte with a file that people have read. TOCSIN_GOLDEN=write makes
// the files anew from what is sent now: read the difference before committing it.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace tocsin::tests {

// `file` below tests/plugins.
inline void expect_golden(const std::string& file, std::string_view sent) {
  const std::string path = std::string(TOCSIN_SOURCE_DIR) + "/tests/plugins/" + file;
  const char* mode = std::getenv("TOCSIN_GOLDEN");
  if (mode != nullptr && std::string_view(mode) == "write") {
    std::ofstream(path, std::ios::binary) << sent;
    return;
  }
  std::ifstream in(path, std::ios::binary);
  ASSERT_TRUE(in) << path << " is missing; make it with TOCSIN_GOLDEN=write";
  const std::string expected(std::istreambuf_iterator<char>(in), {});
  EXPECT_EQ(sent, expected) << "differs from " << path;
}

}  // namespace tocsin::tests
