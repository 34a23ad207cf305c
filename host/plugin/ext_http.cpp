// tocsin.http/1: the door to instance_exchanges.cpp.
#include <new>

#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

tocsin_status submit(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_http_request* request,
                     tocsin_http_fn callback, void* user) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  try {
    const auto instance = Instance::of(host);
    if (instance == nullptr) return TOCSIN_E_CLOSING;
    return instance->submit(to_handle(delivery), request, callback, user);
  } catch (const std::bad_alloc&) {
    return TOCSIN_E_NO_MEMORY;
  }
}

constexpr tocsin_http kTable{&submit};

}  // namespace

const tocsin_http& http_extension() {
  return kTable;
}

}  // namespace tocsin::plugin
