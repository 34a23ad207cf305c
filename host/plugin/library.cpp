// Boost.DLL appears here only. A handle is never given back: after an unload any callback into the plugin
// would crash, also in the destructors that run at the end of the process, and one GNU-unique symbol makes
// unloading a silent no-op anyway.
#define BOOST_DLL_USE_STD_FS
#include "plugin/library.hpp"

#include <unistd.h>

#include <boost/dll/shared_library.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "plugin/guard.hpp"
#include "plugin/library_file.hpp"

namespace tocsin::plugin {
namespace {

Error refuse(const std::string& path, const std::string& why) {
  return make_error(Errc::kUnavailable, "plugin " + path + ' ' + why);
}

// The loader's own words out of Boost's wrapping, without the name of the memory file.
std::string loader_text(std::string_view what) {
  constexpr std::string_view kBefore = "dlerror system message: ";
  if (const auto at = what.find(kBefore); at != what.npos) {
    what.remove_prefix(at + kBefore.size());
    what = what.substr(0, what.rfind("): "));
  }
  if (what.starts_with("/proc/self/fd/")) {
    const auto end = what.find(": ");
    what = end == what.npos ? std::string_view("the file is damaged") : what.substr(end + 2);
  }
  return repair_text(what, 512);
}

// By the hash of their bytes, for the life of the process. It has no destructor, and is there so that a leak
// checker finds them, and so that a reload of what was refused does not load it once more.
class Kept {
 public:
  static Kept& instance() {
    static auto& kept = *new Kept();
    return kept;
  }
  boost::dll::shared_library* find(const std::string& sha256) {
    const std::lock_guard lock(mutex_);
    const auto found = libraries_.find(sha256);
    return found == libraries_.end() ? nullptr : found->second.get();
  }
  boost::dll::shared_library* keep(const std::string& sha256,
                                   std::unique_ptr<boost::dll::shared_library> library) {
    const std::lock_guard lock(mutex_);
    return libraries_.try_emplace(sha256, std::move(library)).first->second.get();
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<boost::dll::shared_library>> libraries_;
};

// nullptr: `why` says so. The memory stays open where it was loaded, since the loader knows libraries by
// their path.
boost::dll::shared_library* load_bytes(const LibraryFile& file, std::string& why) {
  namespace dll = boost::dll;
  if (auto* const known = Kept::instance().find(file.sha256)) return known;
  auto memory = seal_in_memory(file.bytes);
  if (!memory) {
    why = "cannot be loaded: " + memory.error().detail;
    return nullptr;
  }
  auto library = std::make_unique<dll::shared_library>();
  const auto not_loaded = guard([&] {
    library->load(dll::fs::path("/proc/self/fd/" + std::to_string(*memory)),
                  dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  });
  if (not_loaded) {
    ::close(*memory);
    why = load_fault(*not_loaded);
    return nullptr;
  }
  return Kept::instance().keep(file.sha256, std::move(library));
}

}  // namespace

std::string load_fault(std::string_view what) {
  const std::string text = loader_text(what);
  constexpr std::string_view kMissingSymbol = "undefined symbol: ";
  if (text.starts_with(kMissingSymbol)) {
    const std::string symbol = text.substr(kMissingSymbol.size());
    return "does not load: it needs the symbol \"" + symbol.substr(0, symbol.find_first_of(", ")) +
           "\", which nothing provides; link the library that has it and build with -Wl,-z,defs";
  }
  constexpr std::string_view kNoFile = ": cannot open shared object file";
  if (const auto at = text.find(kNoFile); at != text.npos) {
    return "does not load: it needs the library \"" + text.substr(0, at) + "\", which is not installed";
  }
  return "does not load: " + text;
}

std::string entry_fault(bool newer) {
  return "exports no " TOCSIN_ENTRY_SYMBOL "()" +
         std::string(newer ? "; it is built for a newer tocsin"
                           : "; is it a tocsin plugin, built with tocsin_add_channel()?");
}

Result<Library> load_library(const std::string& path, const std::string& pinned_sha256) {
  auto file = read_library_file(path, pinned_sha256);
  if (!file) return file.error();
  std::string why;
  auto* const library = load_bytes(*file, why);
  if (library == nullptr) return refuse(path, why);
  if (!library->has(TOCSIN_ENTRY_SYMBOL)) {
    return refuse(path, entry_fault(library->has("tocsin_plugin_v2")));
  }
  Library loaded{nullptr, file->sha256};
  const auto thrown =
      guard([&] { loaded.table = library->get<const tocsin_plugin*()>(TOCSIN_ENTRY_SYMBOL)(); });
  if (thrown) return refuse(path, "threw from " TOCSIN_ENTRY_SYMBOL "(): " + *thrown);
  return loaded;
}

}  // namespace tocsin::plugin
