// Sets an option that cannot fail.
#pragma once

#include <curl/curl.h>

#include "model/error.hpp"

namespace tocsin::net {

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  TOCSIN_EXPECT(curl_easy_setopt(easy, option, value) == CURLE_OK);
}

}  // namespace tocsin::net
