// The plugin that is looked at: loaded and checked as the daemon would, with settings to make its channels
// of.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "conformance/sandboxed.hpp"
#include "conformance/scribe.hpp"
#include "model/error.hpp"
#include "plugin/channel_type.hpp"
#include "security/secret_vault.hpp"

namespace tocsin::conformance {

struct CheckInput {
  std::string file;  // absolute
  std::uint64_t seed = 1;
  std::string settings;    // JSON, of a type that no sample can be made for; "": samples from the schema
  bool sandboxed = false;  // in a process of its own, as the daemon runs somebody else's; never loaded here
};

// Settings that both the schema and create() accept.
struct Sample {
  std::string name;  // "the required settings", "every setting"
  plugin::PreparedSettings settings;
};

struct SubjectType {
  std::shared_ptr<const plugin::ChannelType> type;
  const tocsin_channel_type* raw = nullptr;
  std::vector<Sample> samples;
  Error no_sample;  // why there is none
};

struct Subject {
  std::string sha256;
  std::unique_ptr<Sandboxed> sandbox;  // null: it is in this process
  std::vector<SubjectType> types;
  security::SecretVault vault;
};

// As the daemon loads and checks it; calls nothing but the entry function.
[[nodiscard]] Result<std::unique_ptr<Subject>> open_subject(const CheckInput& input);

// Also with samples, for which create() is called. One that cannot be had is a finding, and its type has
// none.
void add_samples(Subject& subject, const CheckInput& input);

}  // namespace tocsin::conformance
