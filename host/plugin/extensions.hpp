// The tables of the extensions this host serves; each stands in its own ext_*.cpp.
#pragma once

#include <tocsin/ext/clock.h>
#include <tocsin/ext/http.h>
#include <tocsin/ext/inbox.h>
#include <tocsin/ext/log.h>
#include <tocsin/ext/secret.h>
#include <tocsin/ext/smtp.h>

namespace tocsin::plugin {

[[nodiscard]] const tocsin_http& http_extension();
[[nodiscard]] const tocsin_smtp& smtp_extension();
[[nodiscard]] const tocsin_inbox& inbox_extension();
[[nodiscard]] const tocsin_clock& clock_extension();
[[nodiscard]] const tocsin_secret& secret_extension();
[[nodiscard]] const tocsin_log& log_extension();

}  // namespace tocsin::plugin
