// The master keys that seal what teams keep secret. Only the ring leaves this file.
#include "config/readers.hpp"
#include "config/secret_source.hpp"

namespace tocsin::config {
namespace {

constexpr std::string_view kForms[] = {"file", "env", "credential"};

// The key from the one place that is named. A place that gives none makes the key unusable, not the file: the
// daemon has to start without it. False: a problem was reported.
bool load_key(TableReader& reader, const std::string& folder, security::MasterKey& key) {
  std::string_view form;
  std::string name;
  std::size_t count = 0;
  for (const auto candidate : kForms) {
    if (reader.find(candidate) == nullptr) continue;
    form = candidate;
    ++count;
  }
  if (count != 1) {
    reader.problem("file", "a master key has exactly one of file, env and credential, never the key itself");
    return false;
  }
  if (!reader.text(form, name)) return false;
  security::Secret text;
  const bool found = form == "file"  ? load_secret_file(absolute_path(folder, name), text, key.unusable)
                     : form == "env" ? load_secret_variable(name, text, key.unusable)
                                     : load_credential(name, text, key.unusable);
  if (!found) return true;
  auto bytes = security::read_master_key(text);
  if (bytes) {
    key.bytes = std::move(*bytes);
  } else {
    key.unusable = "what " + std::string(form) + " gives is none: " + bytes.error().detail;
  }
  return true;
}

}  // namespace

void read_secrets(TableReader& file, const std::string& folder, Config& config) {
  const Node* node = file.table("secrets");
  if (node == nullptr) return;
  TableReader secrets(*node, file.place("secrets"), find_section("secrets"), file.problems());
  std::vector<security::MasterKey> keys;
  std::string active;
  secrets.text("active", active);
  const auto tables = secrets.tables("key");
  for (std::size_t i = 0; i < tables.size(); ++i) {
    TableReader reader(tables[i], secrets.place("key", i), find_section("secrets.key"), file.problems());
    security::MasterKey key;
    if (!reader.required_text("id", key.id) || !load_key(reader, folder, key)) continue;
    keys.push_back(std::move(key));
  }
  if (!file.problems().empty()) return;
  if (active.empty() && keys.size() == 1) active = keys.front().id;
  auto ring = security::KeyRing::create(std::move(keys), active);
  if (ring) {
    config.keys = std::make_shared<const security::KeyRing>(std::move(*ring));
  } else {
    secrets.problem("active", ring.error().detail);
  }
}

}  // namespace tocsin::config
