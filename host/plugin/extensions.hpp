// The tables that a plugin gets from this host: its own (host_table.cpp) and those of the extensions, each in
// its own ext_*.cpp.
#pragma once

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>
#include <tocsin/plugin.h>

#include <string_view>

namespace tocsin::plugin {

[[nodiscard]] const tocsin_http& http_extension();
[[nodiscard]] const tocsin_smtp& smtp_extension();
[[nodiscard]] const tocsin_inbox& inbox_extension();
[[nodiscard]] const tocsin_clock& clock_extension();
[[nodiscard]] const tocsin_secret& secret_extension();
[[nodiscard]] const tocsin_log& log_extension();
// By its id; nullptr: this host has none of that name.
[[nodiscard]] const void* find_table(std::string_view id);

// Whose host it is, and of which channel, the caller fills in.
[[nodiscard]] tocsin_host host_table();

}  // namespace tocsin::plugin
