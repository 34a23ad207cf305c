// See curl_multi.hpp.
#include "net/curl_multi.hpp"

#include "model/error.hpp"

namespace tocsin::net {

CurlMulti::CurlMulti(SocketWatch& watch) : multi_(curl_multi_init()), watch_(watch) {
  TOCSIN_EXPECT(multi_ != nullptr);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &CurlMulti::watch_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
}

CurlMulti::~CurlMulti() {
  curl_multi_cleanup(multi_);
}

int CurlMulti::watch_socket(CURL*, curl_socket_t fd, int what, void* user, void*) {
  auto* const self = static_cast<CurlMulti*>(user);
  self->watch_.want(fd, what == CURL_POLL_IN || what == CURL_POLL_INOUT,
                    what == CURL_POLL_OUT || what == CURL_POLL_INOUT, self);
  return 0;
}

void CurlMulti::on_ready(int fd, bool readable, bool writable) {
  int running = 0;
  const int events = (readable ? CURL_CSELECT_IN : 0) | (writable ? CURL_CSELECT_OUT : 0);
  curl_multi_socket_action(multi_, fd, events, &running);
}

long CurlMulti::wait_ms() const {
  long ms = -1;
  curl_multi_timeout(multi_, &ms);
  return ms;
}

void CurlMulti::run_timers() {
  if (wait_ms() == 0) {
    int running = 0;
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

}  // namespace tocsin::net
