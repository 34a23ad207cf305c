// A job as the ABI shows it: views into the shared event, built once for each attempt and reused by the next.
#pragma once

#include <tocsin/plugin.h>

#include <deque>
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

  // The job's events must outlive the view; `type_flags` are the channel type's (TOCSIN_FLAT_DATA).
  void build(const Job& job, std::uint32_t type_flags);
  [[nodiscard]] const tocsin_message* message() const { return &message_; }
  void clear();  // keeps a buffer of ordinary size

 private:
  struct EventView {
    void build(const Event& event, std::uint32_t type_flags);
    void clear();

    tocsin_event event{};
    std::vector<tocsin_kv> labels;
    std::unique_ptr<FlatDocument> data;
    std::string json;
  };

  tocsin_message message_{};
  EventView first_;
  std::deque<EventView> more_;  // addresses stay
  std::vector<const tocsin_event*> events_;
  std::string id_, carry_;
};

}  // namespace tocsin::plugin
