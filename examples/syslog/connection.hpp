// Bytes to a TCP port, with TLS or without, by a socket of this plugin's own. Why: tocsin.http/1 and
// tocsin.smtp/1 do not speak syslog. What it does not do: keep a connection, or promise that anybody read the
// bytes; syslog has no answer.
//
// A plugin with a socket of its own does without all that the host does for one: the egress policy, TLS,
// limits and the record of what was sent. It runs only where the operator trusts it in the host's own
// process; in a sandbox the kernel refuses the socket, which ends as `denied`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace syslog_channel {

class Trust;

enum class Sent {
  kTaken,      // all of it left, and the peer closed in order or stayed silent
  kNotSent,    // no byte left
  kUncertain,  // some left, then the connection broke
  kDenied,     // this process may not open sockets
  kNoName,     // the name does not resolve now
  kNoTls,      // the peer does not speak it as we do
  kUntrusted   // its certificate is none that we trust, or is for another name
};

struct Target {
  std::string server;  // a name or an address
  std::uint16_t port = 514;
  std::shared_ptr<const Trust> trust;  // whom to believe; null: no TLS
};

// Blocks, at most about twice `limit_ms`: to connect and write, and then for the peer's end. Resolving a name
// takes as long as the system's resolver does. [any]
Sent send_bytes(const Target& target, const std::string& bytes, int limit_ms);

}  // namespace syslog_channel
