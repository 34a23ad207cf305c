// The conformance suite, run on SQLite.
#include <filesystem>

#include "store/conformance.hpp"
#include "store/sqlite_store.hpp"

namespace tocsin::store {
namespace {

class SqliteHarness final : public StoreHarness {
 public:
  std::unique_ptr<Store> open() override { return open_in(directory_.path()); }

  // The files as they are while the process runs are what a crash leaves.
  std::unique_ptr<Store> reopen_after_crash(std::unique_ptr<Store> store) override {
    const std::string left = directory_.path() + "-" + std::to_string(++crashes_);
    std::filesystem::copy(current_, left, std::filesystem::copy_options::recursive);
    store.reset();
    std::filesystem::remove_all(current_);
    std::filesystem::create_directory(directory_.path());
    return open_in(left);
  }

  ~SqliteHarness() override {
    std::error_code ignored;
    std::filesystem::remove_all(current_, ignored);
  }

 private:
  std::unique_ptr<Store> open_in(const std::string& path) {
    current_ = path;
    return must(
        open_sqlite({.directory = path, .idempotency_ms = kConformanceIdempotencyMs, .ballast_bytes = 0}));
  }
  TempDirectory directory_;
  std::string current_;
  int crashes_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values([] { return std::make_unique<SqliteHarness>(); }),
                         [](const auto&) { return std::string("Engine"); });
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreDigestConformance,
                         testing::Values([] { return std::make_unique<SqliteHarness>(); }),
                         [](const auto&) { return std::string("Engine"); });
INSTANTIATE_TEST_SUITE_P(Sqlite, InboxConformance,
                         testing::Values([] { return std::make_unique<SqliteHarness>(); }),
                         [](const auto&) { return std::string("Engine"); });

}  // namespace
}  // namespace tocsin::store
