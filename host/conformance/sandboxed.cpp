// See sandboxed.hpp.
#include "conformance/sandboxed.hpp"

namespace tocsin::conformance {

Result<plugin::Library> Sandboxed::load() {
  auto library = wait([&] { return sandboxes_.load({file_, "", plugin::Isolation::kSandbox, false}); });
  if (library) library->take_over();
  return library;
}

sandbox::SandboxStatus Sandboxed::status() const {
  return sandboxes_.status(file_).value_or(sandbox::SandboxStatus{});
}

std::string Sandboxed::ended() const {
  return status().last_fault;
}

}  // namespace tocsin::conformance
