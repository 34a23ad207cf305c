// The tables and how a database comes to have them: numbered steps, each in a transaction of its own, counted
// by PRAGMA user_version. A step that has shipped is never edited; the next change is the next step.
#pragma once

#include <string>

#include "store/connection.hpp"

namespace tocsin::store {

// Throws Failure: kUnsupported when a newer tocsin (or another program) made the file.
void check_schema(Connection& connection, const std::string& path);
// Runs the steps that are missing. After check_schema.
void migrate(Connection& connection);
// False before the first migration.
[[nodiscard]] bool has_schema(Connection& connection);

}  // namespace tocsin::store
