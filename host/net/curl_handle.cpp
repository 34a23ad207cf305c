// See curl_handle.hpp. The callbacks run inside libcurl, on the egress thread.
#include "net/curl_handle.hpp"

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "net/curl_set.hpp"

namespace tocsin::net {

struct CurlHandle::Callbacks {
  static curl_socket_t open_socket(void* user, curlsocktype, curl_sockaddr* peer) {
    auto& self = *static_cast<CurlHandle*>(user);
    std::uint16_t port = 0;
    security::Address address;
    if (peer->family == AF_INET) {
      sockaddr_in v4{};
      std::memcpy(&v4, &peer->addr, sizeof v4);
      address = security::make_v4(reinterpret_cast<const std::uint8_t*>(&v4.sin_addr));
      port = ntohs(v4.sin_port);
    } else if (peer->family == AF_INET6) {
      sockaddr_in6 v6{};
      std::memcpy(&v6, &peer->addr, sizeof v6);
      address = security::make_v6(v6.sin6_addr.s6_addr);
      port = ntohs(v6.sin6_port);
    } else {
      self.end_.refusal = "not an internet address";
      return CURL_SOCKET_BAD;
    }
    if (const char* why = self.refusal(address, port)) {
      self.end_.refusal = why;
      return CURL_SOCKET_BAD;
    }
    const int fd = ::socket(peer->family, peer->socktype | SOCK_CLOEXEC, peer->protocol);
    if (fd < 0) {
      self.end_.no_socket = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      return CURL_SOCKET_BAD;
    }
    self.context_.watch.opened(fd);
    return fd;
  }

  static int close_socket(void* user, curl_socket_t fd) {
    static_cast<EgressContext*>(user)->watch.closed(fd);
    return ::close(fd);
  }
};

CurlHandle::CurlHandle(EgressContext& context) : context_(context), easy_(curl_easy_init()) {
  TOCSIN_EXPECT(easy_ != nullptr);
}

CurlHandle::~CurlHandle() {
  curl_easy_cleanup(easy_);
}

bool CurlHandle::renew() {
  if (current()) {
    return false;
  }
  generation_ = context_.generation;
  const EgressOptions& options = context_.options;
  curl_easy_reset(easy_);
  set(easy_, CURLOPT_NOSIGNAL, 1L);
  set(easy_, CURLOPT_QUICK_EXIT, 1L);  // a hung resolver must not hold the thread
  set(easy_, CURLOPT_PROXY, "");       // and none from the environment
  set(easy_, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
  set(easy_, CURLOPT_TCP_NODELAY, 1L);
  set(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  set(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  set(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    set(easy_, CURLOPT_CAINFO, options.ca_file.c_str());
    set(easy_, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  set(easy_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket);
  set(easy_, CURLOPT_OPENSOCKETDATA, this);
  set(easy_, CURLOPT_CLOSESOCKETFUNCTION, &Callbacks::close_socket);
  set(easy_, CURLOPT_CLOSESOCKETDATA, &context_);
  return true;
}

void CurlHandle::note_end(int code) {
  end_.code = code;
  if (code == CURLE_OK) {
    return;
  }
  curl_off_t resolved = 0;
  const char* peer = nullptr;
  curl_easy_getinfo(easy_, CURLINFO_NAMELOOKUP_TIME_T, &resolved);
  curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &peer);
  curl_easy_getinfo(easy_, CURLINFO_OS_ERRNO, &end_.os_error);
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &end_.verify_result);
  end_.resolved = resolved > 0;
  end_.handshake = peer != nullptr && *peer != '\0';  // known once TCP stands
}

std::string CurlHandle::name_peer(const security::Address& address, int port) {
  const std::string text = security::to_string(address);
  return (address.v6 ? '[' + text + ']' : text) + ':' + std::to_string(port);
}

}  // namespace tocsin::net
