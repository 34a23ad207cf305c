// See config.hpp. Reads the file, runs the readers in order, and gives either all of it or every problem.
#include <malloc.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "config/config.hpp"
#include "config/readers.hpp"

namespace tocsin::config {
namespace {

constexpr std::size_t kLargeFile = 256 * 1024;

Result<std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return make_error(Errc::kIo,
                      "cannot read the configuration " + quote(path) + ": " + std::strerror(errno));
  }
  std::string text;
  std::error_code unknown;
  if (const auto size = std::filesystem::file_size(path, unknown); !unknown) text.reserve(size);
  std::string piece(1 << 16, '\0');
  while (const std::size_t length = std::fread(piece.data(), 1, piece.size(), file.get()))
    text.append(piece, 0, length);
  if (std::ferror(file.get()) != 0) {
    return make_error(Errc::kIo,
                      "cannot read the configuration " + quote(path) + ": " + std::strerror(errno));
  }
  return text;
}

Result<Document> parse(std::string_view text, Problems& problems) {
  Document document;
  std::uint32_t line = 0;
  std::string reason;
  if (document.parse(text, line, reason)) return document;
  problems.add(line, "", "this is not TOML: " + reason);
  return problems.take_error();
}

Result<Config> read_config(const std::string& path, std::string_view text, const RulePieces& pieces) {
  Problems problems(path);
  const auto document = parse(text, problems);
  if (!document) return document.error();
  const auto folder = std::filesystem::absolute(path).parent_path().string();
  Config config;
  config.file = path;
  TableReader file(document->root(), "", find_section(""), problems);
  read_server(file, folder, config.server);
  read_limits(file, config.limits);
  read_store(file, config.store);
  read_egress(file, folder, config.egress);
  read_secrets(file, folder, config);
  read_log(file, config.log);
  read_plugins(file, folder, config.plugins);
  auto types = built_in_event_types().value();
  read_event_types(file, types);
  config.catalogue = std::make_shared<const Catalogue>(Catalogue::create(std::move(types)).value());
  read_teams(file, folder, pieces, config);
  read_tokens(file, folder, config);
  read_peers(file, config);
  if (!problems.empty()) return problems.take_error();
  return config;
}

// A large file is read in pieces. Where that finds anything wrong, the plain way says what and where.
Result<Config> read_config(const std::string& path, std::string_view text) {
  if (text.size() >= kLargeFile) {
    if (const auto pieces = cut_rules(text)) {
      if (auto config = read_config(path, pieces->rest, *pieces)) return config;
    }
  }
  return read_config(path, text, {});
}

}  // namespace

Result<Config> load_config(const std::string& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  auto config = read_config(file, *text);
  if (text->size() >= kLargeFile) {  // what reading took would stay with the process otherwise
    std::string().swap(*text);
    ::malloc_trim(0);
  }
  return config;
}

Result<std::vector<EventType>> built_in_event_types() {
  Problems problems("event_types.toml");
  const auto document = parse(event_types_toml(), problems);
  if (!document) return document.error();
  std::vector<EventType> types;
  TableReader file(document->root(), "", find_section(""), problems);
  read_event_types(file, types);
  if (!problems.empty()) return problems.take_error();
  return types;
}

}  // namespace tocsin::config
