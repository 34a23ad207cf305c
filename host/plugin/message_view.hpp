// A job as the ABI shows it: views into the shared event, built once for each attempt and reused by the next.
#pragma once

#include <tocsin/plugin.h>

#include <memory>
#include <string>
#include <vector>

#include "plugin/channel_instance.hpp"
#include "plugin/flat_document.hpp"

namespace tocsin::plugin {

class MessageView {
 public:
  MessageView() = default;
  MessageView(const MessageView&) = delete;
  MessageView& operator=(const MessageView&) = delete;

  // `job.event` must outlive the view; `type_flags` are the channel type's (TOCSIN_FLAT_DATA).
  void build(const Job& job, std::uint32_t type_flags);
  [[nodiscard]] const tocsin_message* message() const { return &message_; }
  void clear();  // keeps a buffer of ordinary size

 private:
  void build_event(const Event& event, std::uint32_t type_flags);

  tocsin_message message_{};
  tocsin_event event_{};
  const tocsin_event* events_[1]{};
  std::vector<tocsin_kv> labels_;
  std::unique_ptr<FlatDocument> data_;
  std::string id_, json_;
};

}  // namespace tocsin::plugin
