// The last rule of a URL: libcurl, which will open the connection, must find in it the very host and port
// that were checked.
#include <curl/curl.h>

#include <memory>

#include "net/egress_url.hpp"
#include "net/exchange.hpp"
#include "net/header_rules.hpp"

namespace tocsin::net {
namespace {

std::string part_of(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_DEFAULT_PORT : 0U) != CURLUE_OK) {
    return {};
  }
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

bool curl_reads_alike(std::string_view url, const EgressTarget& target) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), curl_url_cleanup);
  if (!parsed || curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(),
                              CURLU_DISALLOW_USER | CURLU_PATH_AS_IS) != CURLUE_OK) {
    return false;
  }
  std::string host = part_of(parsed.get(), CURLUPART_HOST);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  // libcurl rewrites an IPv6 literal to its shortest form: compare addresses, not texts.
  const bool same_host = target.literal ? security::parse_address(host) == target.literal
                                        : equal_ignoring_case(host, target.host);
  return same_host && part_of(parsed.get(), CURLUPART_PORT) == std::to_string(target.port) &&
         part_of(parsed.get(), CURLUPART_SCHEME) == (target.plain ? "http" : "https");
}

Result<void> check_egress_url(std::string_view url, const security::AddressPolicy& policy) {
  auto target = read_egress_url(url, policy);
  if (!target) {
    return make_error(Errc::kInvalid, std::move(target.error().detail));
  }
  if (!curl_reads_alike(url, *target)) {
    return make_error(Errc::kInvalid, "the URL is written in a way that programs read differently");
  }
  return {};
}

}  // namespace tocsin::net
