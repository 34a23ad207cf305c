// The tables of a plugin that is loaded in another process, as if it were in this one: the host's own checks
// and instances take them like any other. The functions behind them are proxies (proxy.hpp).
#pragma once

#include <tocsin/plugin.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/error.hpp"
#include "wire/codec.hpp"

namespace tocsin::sandbox {

class Supervisor;

// What a proxy finds from the function table its host calls it by.
struct RemoteType {
  tocsin_channel_api api;  // the first member: the host has its address
  Supervisor* supervisor = nullptr;
  std::uint32_t index = 0;
};

class RemoteTable {
 public:
  // kUnavailable: the other process did not describe itself in a form that can be read.
  static Result<std::unique_ptr<RemoteTable>> read(std::string description, Supervisor& supervisor);
  // Null where the plugin's entry returned NULL.
  [[nodiscard]] const tocsin_plugin* table() const { return has_table_ ? &plugin_ : nullptr; }
  [[nodiscard]] const std::string& description() const { return description_; }

 private:
  bool read_all(Supervisor& supervisor);
  std::string description_;
  wire::Shelf shelf_;
  bool has_table_ = false;
  tocsin_plugin plugin_{};
  std::deque<tocsin_channel_type> types_;
  std::deque<RemoteType> remote_;
  std::vector<const tocsin_channel_type*> list_;
};

}  // namespace tocsin::sandbox
