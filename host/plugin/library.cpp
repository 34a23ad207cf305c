// Boost.DLL appears here only. A handle is never given back: after an unload any callback into the plugin
// would crash, also in the destructors that run at the end of the process, and one GNU-unique symbol makes
// unloading a silent no-op anyway.
#define BOOST_DLL_USE_STD_FS
#include "plugin/library.hpp"

#include <boost/dll/shared_library.hpp>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

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

// For the life of the process; the list has no destructor, and is there so that a leak checker finds them.
boost::dll::shared_library& keep(std::unique_ptr<boost::dll::shared_library> library) {
  static std::mutex mutex;
  static auto& kept = *new std::vector<std::unique_ptr<boost::dll::shared_library>>();
  const std::lock_guard lock(mutex);
  return *kept.emplace_back(std::move(library));
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
  auto memory = seal_in_memory(file->bytes);
  if (!memory) return refuse(path, "cannot be loaded: " + memory.error().detail);

  namespace dll = boost::dll;
  auto library = std::make_unique<dll::shared_library>();
  const auto not_loaded = guard([&] {
    library->load(dll::fs::path("/proc/self/fd/" + std::to_string(*memory)),
                  dll::load_mode::rtld_now | dll::load_mode::rtld_local);
  });
  if (not_loaded) return refuse(path, load_fault(*not_loaded));
  dll::shared_library& kept = keep(std::move(library));

  if (!kept.has(TOCSIN_ENTRY_SYMBOL)) {
    return refuse(path, entry_fault(kept.has("tocsin_plugin_v2")));
  }
  Library loaded{nullptr, file->sha256};
  const auto thrown = guard([&] { loaded.table = kept.get<const tocsin_plugin*()>(TOCSIN_ENTRY_SYMBOL)(); });
  if (thrown) return refuse(path, "threw from " TOCSIN_ENTRY_SYMBOL "(): " + *thrown);
  return loaded;
}

}  // namespace tocsin::plugin
