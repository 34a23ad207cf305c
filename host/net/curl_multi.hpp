// One libcurl multi handle in the egress loop: its sockets are watched by SocketWatch, its timers asked for.
#pragma once

#include <curl/curl.h>

#include "net/socket_watch.hpp"

namespace tocsin::net {

class CurlMulti final : public SocketOwner {
 public:
  explicit CurlMulti(SocketWatch& watch);
  CurlMulti(const CurlMulti&) = delete;
  CurlMulti& operator=(const CurlMulti&) = delete;
  ~CurlMulti();

  void on_ready(int fd, bool readable, bool writable) override;
  // When run_timers() has something to do; -1: no matter when.
  [[nodiscard]] long wait_ms() const;
  void run_timers();
  [[nodiscard]] CURLM* handle() const { return multi_; }

 private:
  static int watch_socket(CURL*, curl_socket_t fd, int what, void* user, void*);
  CURLM* multi_;
  SocketWatch& watch_;
};

}  // namespace tocsin::net
