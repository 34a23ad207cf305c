// The signatures of a request: one for each key that is valid now, so that a receiver can change over from
// one secret to the next without losing a message. The host holds the keys; here are their tokens and how
// long each counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tocsin/plugin.hpp>
#include <vector>

namespace webhook {

// Milliseconds since 1970 of an RFC 3339 time with its offset; nullopt where it is none.
[[nodiscard]] std::optional<std::int64_t> read_time(std::string_view text);

class Signer {
 public:
  // Refuses settings that cannot sign (tocsin::settings_error), by one trial signature with each key.
  Signer(const tocsin::settings& settings, const tocsin::host& host);

  [[nodiscard]] bool signs() const { return !keys_.empty() || !signing_key_.empty(); }
  [[nodiscard]] bool signs_for_github() const { return github_; }
  // "v1,… v1,… v1a,…": the present secret first, previous ones until their time is over, then ed25519. Every
  // text is id "." timestamp "." body.
  [[nodiscard]] tocsin_status sign(tocsin_str id, std::string_view timestamp, std::string_view body,
                                   std::int64_t now_ms, std::string& out) const;
  // "sha256=" and lower-case hexadecimal digits, over the body alone.
  [[nodiscard]] tocsin_status sign_for_github(std::string_view body, std::string& out) const;

 private:
  struct Key {
    std::string token;
    std::int64_t until_ms = INT64_MAX;
  };
  void read_previous(const tocsin::settings& settings);
  void try_keys() const;
  [[nodiscard]] tocsin_status append_v1(const Key& key, std::span<const tocsin_str> parts,
                                        std::string& out) const;

  tocsin::host host_;
  std::vector<Key> keys_;
  std::string signing_key_;  // its token
  bool github_ = false;
};

}  // namespace webhook
