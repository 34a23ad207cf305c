// One alert as one syslog record. Why: the format is RFC 5424's and the frame RFC 6587's, and both can be
// tested without a socket. What it does not do: send it.
#pragma once

#include <string>
#include <tocsin/plugin.hpp>

namespace syslog_channel {

struct Origin {
  std::uint32_t facility = 16;  // local0 .. local7 are 16 .. 23
  std::string host, app;        // HOSTNAME and APP-NAME, made printable by format_record()
};

// "<PRI>1 TIME HOST APP - TYPE [tocsin@32473 …] BOM title: summary". At most 8 KiB, cut at the end; the same
// bytes for the same message.
std::string format_record(tocsin::message message, const Origin& origin);

// Octet counting (RFC 6587 3.4.1, the one that RFC 5425 asks for): "LENGTH SP RECORD". A record may hold line
// feeds.
std::string frame(const std::string& record);

}  // namespace syslog_channel
