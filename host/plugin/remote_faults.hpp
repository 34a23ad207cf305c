// Who is told what the plugin ABI has no words for, of a plugin whose code runs in another process. Why:
// there the plugin has gone on, or has thrown, before its host hears of it. What it does not do: end anything
// by itself.
#pragma once

#include <cstdint>
#include <string>

namespace tocsin::plugin {

class RemoteFaults {
 public:
  // It completed what it had not, or has no more. Nothing ends by it. [any]
  virtual void complete_late(std::uint64_t handle) = 0;
  // It threw there. 0: not while at a delivery. [any]
  virtual void threw(std::uint64_t handle, const std::string& where, const std::string& what) = 0;
  // So many lines of its log did not come here, since they were too many. [any]
  virtual void left_out(std::uint32_t lines) = 0;

 protected:
  ~RemoteFaults() = default;
};

}  // namespace tocsin::plugin
