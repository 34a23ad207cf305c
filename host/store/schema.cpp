// See schema.hpp. What the tables rely on (ids.hpp): an event's deliveries are numbered right after it, so
// event -> deliveries is a range of rowids and delivery -> event the next lower rowid. A
// finish leaves the delivery's row as long as it was (one time for two, no text, the epoch given back for the
// longer state), so that it is overwritten where it lies and no page is split. The only secondary
// index is the one of what is still to be done; it leads to a channel's due rows without passing the rows
// this epoch holds already, and it has what counting a backlog reads.
#include "store/schema.hpp"

#include <array>

namespace tocsin::store {
namespace {

constexpr std::int64_t kApplicationId = 0x746f6373;  // "tocs", in the file's header

constexpr const char* kFirstStep = R"sql(
CREATE TABLE boot(
  epoch INTEGER PRIMARY KEY,
  clean INTEGER NOT NULL);                       -- 1: closed in order

CREATE TABLE team(
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE);

CREATE TABLE channel(
  id INTEGER PRIMARY KEY,
  team INTEGER NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  UNIQUE(team, name));

CREATE TABLE generation(
  id INTEGER PRIMARY KEY,
  team INTEGER NOT NULL,
  hash INTEGER NOT NULL,                         -- of the definition, to find it without comparing texts
  definition TEXT NOT NULL);

CREATE TABLE event(
  seq INTEGER PRIMARY KEY,
  team INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  deliveries INTEGER NOT NULL,                   -- how many: seq + 1 … seq + deliveries
  severity INTEGER NOT NULL,
  type TEXT NOT NULL,
  id TEXT,                                       -- the producer's; NULL: the host's, made of seq
  keys TEXT,                                     -- its idempotency keys, each "<bytes>:<key>"; NULL: none
  body_hash BLOB,                                -- of what the producer meant, where there are keys
  payload TEXT NOT NULL);

CREATE TABLE event_key(
  place INTEGER PRIMARY KEY,                     -- of the key's hash, see sqlite_keys.cpp
  seq INTEGER NOT NULL);                         -- the event that has the key

CREATE TABLE delivery(
  id INTEGER PRIMARY KEY,
  channel INTEGER NOT NULL,
  state INTEGER NOT NULL,
  tries INTEGER NOT NULL,                        -- counted; attempts may be more: interrupted ones are not
  epoch INTEGER NOT NULL,                        -- who holds it; 0: nobody
  at_ms INTEGER NOT NULL,                        -- when it is due; once final, when it became so
  reason TEXT);                                  -- why it was cancelled; else its last attempt says it

CREATE INDEX delivery_due ON delivery(channel, epoch, at_ms, state) WHERE state < 10;

CREATE TABLE attempt(
  delivery INTEGER NOT NULL,
  number INTEGER NOT NULL,
  started_ms INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  status INTEGER NOT NULL,
  retry_after_ms INTEGER NOT NULL,
  http_status INTEGER NOT NULL,
  code TEXT,
  detail TEXT,
  provider_id TEXT,
  remote_address TEXT,
  response TEXT,
  PRIMARY KEY(delivery, number)) WITHOUT ROWID;
)sql";

// Digests and notes to the next attempt.
constexpr const char* kSecondStep = R"sql(
ALTER TABLE delivery ADD COLUMN message INTEGER; -- NULL: leaves alone; 0: accepted for a window; else a MessageId
ALTER TABLE attempt ADD COLUMN message INTEGER;  -- NULL: it was alone
ALTER TABLE attempt ADD COLUMN events INTEGER;   -- in that message
ALTER TABLE attempt ADD COLUMN carry BLOB;       -- the plugin's own, for the next attempt; shown to nobody
)sql";

// The notification centre. A team's items and changes lie in the order of its sequence (sqlite_inbox.hpp).
constexpr const char* kInboxStep = R"sql(
CREATE TABLE inbox(
  team INTEGER PRIMARY KEY,
  last INTEGER NOT NULL,                         -- the newest number of the team's sequence
  trimmed INTEGER NOT NULL);                     -- up to here some are forgotten

CREATE TABLE inbox_item(
  place INTEGER PRIMARY KEY,                     -- team and number
  team INTEGER NOT NULL,
  user TEXT NOT NULL,                            -- '': everyone of the team
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  category INTEGER NOT NULL,
  severity INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL,
  link TEXT NOT NULL,
  json TEXT NOT NULL);

CREATE UNIQUE INDEX inbox_item_key ON inbox_item(team, user, key);
CREATE INDEX inbox_item_user ON inbox_item(user);  -- and so by place

CREATE TABLE inbox_mark(
  team INTEGER NOT NULL,
  user TEXT NOT NULL,
  seq INTEGER NOT NULL,
  seen_ms INTEGER NOT NULL,                      -- 0: not
  read_ms INTEGER NOT NULL,
  archived_ms INTEGER NOT NULL,
  PRIMARY KEY(team, user, seq)) WITHOUT ROWID;

CREATE TABLE inbox_read_all(
  team INTEGER NOT NULL,
  user TEXT NOT NULL,
  up_to INTEGER NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(team, user, up_to)) WITHOUT ROWID;

CREATE TABLE inbox_change(
  place INTEGER PRIMARY KEY,
  user TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  action INTEGER NOT NULL,
  up_to INTEGER NOT NULL,
  items TEXT NOT NULL);                          -- numbers, with commas
)sql";

// Channels and rules that teams keep here instead of in the configuration file.
constexpr const char* kObjectStep = R"sql(
CREATE TABLE object(
  team INTEGER NOT NULL,
  kind INTEGER NOT NULL,                         -- 1: channel, 2: rule, 3: silence, 4: default alerts
  name TEXT NOT NULL,
  body TEXT NOT NULL,                            -- JSON, without secrets
  place INTEGER NOT NULL,                        -- rules: their order
  version INTEGER NOT NULL,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,
  PRIMARY KEY(team, kind, name)) WITHOUT ROWID;

CREATE TABLE object_secret(
  team INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  pointer TEXT NOT NULL,
  key TEXT NOT NULL,                             -- which master key sealed it
  sealed BLOB NOT NULL,
  PRIMARY KEY(team, kind, name, pointer)) WITHOUT ROWID;
)sql";

// Who did what.
constexpr const char* kAuditStep = R"sql(
CREATE TABLE audit(
  number INTEGER PRIMARY KEY,
  at_ms INTEGER NOT NULL,
  team INTEGER NOT NULL,                         -- 0: no team's
  actor TEXT NOT NULL,
  role TEXT NOT NULL,
  origin TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  request TEXT NOT NULL);

CREATE INDEX audit_team ON audit(team, number);
)sql";

// Tokens that were made over the API.
constexpr const char* kTokenStep = R"sql(
CREATE TABLE api_token(
  name TEXT PRIMARY KEY,
  hash BLOB NOT NULL,                            -- SHA-256 of the token
  role TEXT NOT NULL,
  teams TEXT NOT NULL,                           -- names, with blanks between them
  user TEXT NOT NULL,
  created_ms INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_ms INTEGER NOT NULL,                   -- 0: never
  used_ms INTEGER NOT NULL,                      -- 0: not yet
  revoked_ms INTEGER NOT NULL) WITHOUT ROWID;    -- 0: it is not
)sql";

// What a token may, narrower than its role.
constexpr const char* kScopeStep = R"sql(
ALTER TABLE api_token ADD COLUMN scopes TEXT NOT NULL DEFAULT '';  -- with blanks between them; none: what the role may
)sql";

// Who is signed in to the console.
constexpr const char* kSessionStep = R"sql(
CREATE TABLE console_session(
  hash BLOB PRIMARY KEY,                         -- SHA-256 of the cookie
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  teams TEXT NOT NULL,                           -- names, with blanks between them
  user TEXT NOT NULL,
  scopes TEXT NOT NULL,                          -- with blanks between them; none: what the role may
  expires_ms INTEGER NOT NULL,
  let_in_by BLOB,                                -- SHA-256 of the token behind the link; null: no token's
  let_in_until_ms INTEGER NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::array kSteps = {kFirstStep, kSecondStep, kInboxStep, kObjectStep,
                               kAuditStep, kTokenStep,  kScopeStep, kSessionStep};

std::int64_t schema_version(Connection& connection) {
  return connection.ask_number("PRAGMA user_version");
}

}  // namespace

bool has_schema(Connection& connection) {
  return schema_version(connection) > 0;
}

void check_schema(Connection& connection, const std::string& path) {
  const std::int64_t application = connection.ask_number("PRAGMA application_id");
  const std::int64_t version = schema_version(connection);
  const bool is_new = version == 0 && connection.ask_number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!is_new && application != kApplicationId) {
    throw Failure{make_error(Errc::kUnsupported, "the file " + path +
                                                     " is another program's SQLite database: name another "
                                                     "data directory")};
  }
  if (version > std::ssize(kSteps)) {
    throw Failure{
        make_error(Errc::kUnsupported, "the database " + path + " has schema " + std::to_string(version) +
                                           ", this program knows up to " + std::to_string(kSteps.size()) +
                                           ": run the newer tocsin that made it, or restore a backup "
                                           "of before the upgrade")};
  }
}

void migrate(Connection& connection) {
  for (auto step = static_cast<std::size_t>(schema_version(connection)); step < kSteps.size(); ++step) {
    Transaction transaction(connection);
    connection.exec(kSteps[step]);
    connection.exec(("PRAGMA application_id=" + std::to_string(kApplicationId)).c_str());
    connection.exec(("PRAGMA user_version=" + std::to_string(step + 1)).c_str());
    transaction.commit();
  }
}

}  // namespace tocsin::store
