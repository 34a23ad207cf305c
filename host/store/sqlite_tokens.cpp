// The tokens that were made over the API. A small table, read once at the start.
#include <algorithm>

#include "store/sqlite_engine.hpp"

namespace tocsin::store {

std::string join_words(const std::vector<std::string>& words) {
  std::string joined;
  for (const auto& word : words) {
    if (!joined.empty()) joined += ' ';
    joined += word;
  }
  return joined;
}

std::vector<std::string> split_words(const std::string& joined) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < joined.size();) {
    const auto end = std::min(joined.find(' ', at), joined.size());
    words.push_back(joined.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

Result<std::vector<TokenRecord>> SqliteStore::list_tokens() {
  return on_handle([&] {
    std::vector<TokenRecord> tokens;
    Query query(connection_,
                "SELECT name, hash, role, teams, user, created_ms, created_by, expires_ms, used_ms, "
                "revoked_ms, scopes"
                " FROM api_token ORDER BY name");
    while (query.step()) {
      TokenRecord& token = tokens.emplace_back();
      token.name = query.text(0);
      const auto hash = query.blob(1);
      if (hash.size() != token.hash.size()) {
        throw Failure{make_error(
            Errc::kStorageFailed,
            "the hash of the token \"" + token.name + "\" is damaged: restore the database from a backup")};
      }
      std::copy(hash.begin(), hash.end(), token.hash.begin());
      token.role = query.text(2);
      token.teams = split_words(query.text(3));
      token.user = query.text(4);
      token.created_ms = query.number(5);
      token.created_by = query.text(6);
      token.expires_ms = query.number(7);
      token.used_ms = query.number(8);
      token.revoked_ms = query.number(9);
      token.scopes = split_words(query.text(10));
    }
    return tokens;
  });
}

Result<void> SqliteStore::add_token(const TokenRecord& token) {
  return on_handle([&] {
    const std::string teams = join_words(token.teams), scopes = join_words(token.scopes);
    Transaction transaction(connection_);
    Query(connection_,
          "INSERT INTO api_token(name, hash, role, teams, user, created_ms, created_by, expires_ms, used_ms,"
          " revoked_ms, scopes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?) ON CONFLICT(name) DO NOTHING")
        .add(token.name)
        .add_blob(token.hash)
        .add(token.role)
        .add(teams)
        .add(token.user)
        .add(token.created_ms)
        .add(token.created_by)
        .add(token.expires_ms)
        .add(scopes)
        .run();
    if (connection_.changed_rows() != 1) {
      throw Failure{make_error(Errc::kConflict, "there is a token \"" + token.name + "\" already")};
    }
    transaction.commit();
  });
}

Result<void> SqliteStore::revoke_token(const std::string& name, std::int64_t now_ms) {
  return on_handle([&] {
    Transaction transaction(connection_);
    Query(connection_, "UPDATE api_token SET revoked_ms = ? WHERE name = ? AND revoked_ms = 0")
        .add(now_ms)
        .add(name)
        .run();
    transaction.commit();
  });
}

Result<void> SqliteStore::note_token_uses(std::span<const TokenUse> uses) {
  return on_handle([&] {
    Transaction transaction(connection_);
    for (const TokenUse& use : uses) {
      Query(connection_, "UPDATE api_token SET used_ms = max(used_ms, ?) WHERE name = ?")
          .add(use.at_ms)
          .add(use.name)
          .run();
    }
    transaction.commit();
  });
}

}  // namespace tocsin::store
