// See sandbox_host.hpp.
#include "sandbox/sandbox_host.hpp"

#include <chrono>
#include <thread>

namespace tocsin::sandbox::tests {

namespace {
constexpr int kLooks = 3'000;  // ten milliseconds each
}

SandboxHost::SandboxHost(const std::string& file, bool requires_full) : path(file) {
  const plugin::PluginSource source{file, "", plugin::Isolation::kSandbox, requires_full};
  set = plugin::PluginSet::load({source},
                                [this](const plugin::PluginSource& one) { return sandboxes.load(one); });
}

SandboxHost::~SandboxHost() {
  for (const auto& instance : made_) instance->stop(5'000);
  sandboxes.stop();
}

Result<std::shared_ptr<plugin::ChannelInstance>> SandboxHost::make(const std::string& settings) {
  const auto types = set.types();
  if (types.empty()) return make_error(Errc::kUnavailable, set.states().front().problem);
  auto prepared = plugin::prepare_settings(*types.front(), settings, {}, security::AddressPolicy());
  if (!prepared) return prepared.error();
  auto made = plugin::ChannelInstance::create(host.services, types.front(), "ops", "pager",
                                              std::move(*prepared), host.sink);
  if (made) made_.push_back(*made);
  return made;
}

bool comes_true(const std::function<bool()>& condition) {
  for (int i = 0; i < kLooks; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

bool SandboxHost::comes_to(const std::function<bool(const SandboxStatus&)>& condition) const {
  return comes_true([&] { return condition(status()); });
}

}  // namespace tocsin::sandbox::tests
