// Syslog over TLS (RFC 5425) on a connection that is there. Why: alerts tell what is broken and where, so the
// way to the collector has to be private, and the collector the right one. What it does not do: client
// certificates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connection.hpp"
#include "socket.hpp"

struct x509_st;

namespace syslog_channel {

// Who may sign the collector's certificate.
class Trust {
 public:
  // The certificates in `pem`; where it is empty, those that the system trusts. Opens no file.
  // Throws std::invalid_argument with what is wrong with the text.
  explicit Trust(const std::string& pem);

 private:
  friend class Session;
  std::vector<std::shared_ptr<x509_st>> authorities_;
};

struct ToSend {
  const std::string& server;  // whose name, or address, the certificate must have
  const Trust& trust;
  const std::string& bytes;
};

// `silence` bounds how long the peer may take to close. [any]
Sent send_by_tls(int fd, const ToSend& what, const Deadline& deadline, const Deadline& silence);

}  // namespace syslog_channel
