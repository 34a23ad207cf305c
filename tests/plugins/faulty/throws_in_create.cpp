// Its create() throws, straight through the C function pointer.
#include <stdexcept>

#include "minimal.h"

namespace {

tocsin_instance* create(const tocsin_host*, const tocsin_doc*, tocsin_error*) {
  throw std::runtime_error("thrown from create");
}

const tocsin_channel_api api = {create, minimal_destroy, minimal_deliver, nullptr, nullptr, nullptr};
const tocsin_channel_type type =
    MINIMAL_TYPE(sizeof(tocsin_channel_type), "test.throws_in_create", MINIMAL_SCHEMA, nullptr, &api);

}  // namespace

MINIMAL_ENTRY(sizeof(tocsin_plugin), type)
