// Which tokens open the API: those of the configuration file and those that were made over it, in one table
// that is made anew whenever either changes. Where both have a name the file's is in force. All of it on
// [api], so a reload and a change cannot miss each other.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "security/principal.hpp"
#include "store/token_records.hpp"

namespace tocsin::api {

class TokenBook {
 public:
  using Stored = std::map<std::string, store::TokenRecord>;

  void use_file(std::vector<security::TokenEntry> tokens);
  void use_stored(std::vector<store::TokenRecord> tokens);
  void put(store::TokenRecord token);  // made, or revoked

  // Whose token it is, and notes that it was used; nullptr: unknown, expired or revoked. Until the next
  // change.
  [[nodiscard]] const security::Principal* find(std::string_view token, std::int64_t now_ms);
  [[nodiscard]] const security::TokenTable& table() const { return table_; }
  [[nodiscard]] const std::vector<security::TokenEntry>& of_file() const { return file_; }
  [[nodiscard]] const Stored& stored() const { return stored_; }
  [[nodiscard]] bool is_in_file(std::string_view name) const;

  // Uses that the store does not have; none before a while has passed since they were last taken.
  [[nodiscard]] std::vector<store::TokenUse> take_uses(std::int64_t now_ms, bool all = false);

 private:
  void make_table();

  std::vector<security::TokenEntry> file_;
  Stored stored_;
  security::TokenTable table_;
  std::map<std::string, std::int64_t> uses_;
  std::int64_t taken_ms_ = 0;
};

}  // namespace tocsin::api
