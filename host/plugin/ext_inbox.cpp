// tocsin.inbox/1: the door to instance_inbox.cpp.
#include <tocsin/ext/inbox.h>

#include <new>

#include "plugin/extensions.hpp"
#include "plugin/instance.hpp"

namespace tocsin::plugin {

namespace {

tocsin_status put(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_inbox_item* item,
                  tocsin_inbox_fn callback, void* user) {
  if (host == nullptr) return TOCSIN_E_INVALID;
  try {
    const auto instance = Instance::of(host);
    if (instance == nullptr) return TOCSIN_E_CLOSING;
    return instance->put_item(to_handle(delivery), item, callback, user);
  } catch (const std::bad_alloc&) {
    return TOCSIN_E_NO_MEMORY;
  }
}

constexpr tocsin_inbox kTable{&put};

}  // namespace

const tocsin_inbox& inbox_extension() {
  return kTable;
}

}  // namespace tocsin::plugin
