// The master keys that seal what teams keep secret. Only the ring leaves this file.
#include "config/readers.hpp"
#include "config/secret_source.hpp"

namespace tocsin::config {
namespace {

constexpr std::string_view kForms[] = {"file", "env", "credential"};

// The key's text from the one place that is named. False: a problem was reported.
bool load_text(TableReader& reader, const std::string& folder, security::Secret& text) {
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
  std::string problem;
  const bool found = form == "file"  ? load_secret_file(absolute_path(folder, name), text, problem)
                     : form == "env" ? load_secret_variable(name, text, problem)
                                     : load_credential(name, text, problem);
  if (!found) reader.problem(form, problem);
  return found;
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
    security::Secret text;
    if (!reader.required_text("id", key.id) || !load_text(reader, folder, text)) continue;
    auto bytes = security::read_master_key(text);
    if (!bytes) {
      reader.problem("id", bytes.error().detail);
      continue;
    }
    key.bytes = std::move(*bytes);
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
