// See proxy.hpp.
#include "sandbox/proxy.hpp"

#include "plugin/instance.hpp"
#include "sandbox/remote.hpp"
#include "sandbox/remote_table.hpp"
#include "sandbox/supervisor.hpp"
#include "wire/described.hpp"

namespace tocsin::sandbox {

namespace {

Remote& remote_of(tocsin_instance* instance) {
  return *reinterpret_cast<Remote*>(instance);
}

tocsin_instance* create(const tocsin_host* host, const tocsin_doc* settings, tocsin_error* error) {
  const auto instance = plugin::Instance::of(host);  // there: it is the one that calls
  const auto* const type = reinterpret_cast<const RemoteType*>(instance->type().api);
  return reinterpret_cast<tocsin_instance*>(
      type->supervisor->create(type->index, *host, *instance, *settings, *error));
}

void destroy(tocsin_instance* instance) {
  Remote& remote = remote_of(instance);
  remote.supervisor.destroy(remote);
}

void deliver(tocsin_instance* instance, const tocsin_message* message, tocsin_delivery* delivery) {
  Remote& remote = remote_of(instance);
  remote.supervisor.deliver(remote, *message, plugin::to_handle(delivery));
}

void cancel(tocsin_instance* instance, tocsin_delivery* delivery) {
  Remote& remote = remote_of(instance);
  remote.supervisor.cancel(remote, plugin::to_handle(delivery));
}

void verify(tocsin_instance* instance, tocsin_delivery* delivery) {
  Remote& remote = remote_of(instance);
  remote.supervisor.verify(remote, plugin::to_handle(delivery));
}

}  // namespace

tocsin_channel_api proxy_functions(std::uint32_t functions) {
  tocsin_channel_api api{};
  if ((functions & wire::kHasCreate) != 0) api.create = &create;
  if ((functions & wire::kHasDestroy) != 0) api.destroy = &destroy;
  if ((functions & wire::kHasDeliver) != 0) api.deliver = &deliver;
  // Always there: what was not given to the process yet is forgotten here.
  api.cancel = &cancel;
  if ((functions & wire::kHasVerify) != 0) api.verify = &verify;
  return api;
}

}  // namespace tocsin::sandbox
