// See frame.hpp.
#include "wire/frame.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace tocsin::wire {

void Packer::add(const Message& message) {
  std::string_view rest = message.payload;
  do {
    if (packets_.empty() || packets_.back().size() + sizeof(FrameHead) >= kMaxPacket) packets_.emplace_back();
    // A message that would be cut only because others came first starts a packet of its own.
    const bool fits = packets_.back().size() + sizeof(FrameHead) + rest.size() <= kMaxPacket;
    if (!fits && !packets_.back().empty()) packets_.emplace_back();
    std::string& packet = packets_.back();
    const std::size_t part = std::min(rest.size(), kMaxPacket - sizeof(FrameHead) - packet.size());
    FrameHead head;
    head.length = static_cast<std::uint32_t>(part);
    head.kind = static_cast<std::uint16_t>(message.kind);
    head.more = part < rest.size() ? 1 : 0;
    head.instance = message.instance;
    head.call = message.call;
    head.handle = message.handle;
    packet.append(reinterpret_cast<const char*>(&head), sizeof head);
    packet.append(rest.substr(0, part));
    rest.remove_prefix(part);
  } while (!rest.empty());
}

std::vector<std::string> Packer::take() {
  return std::exchange(packets_, {});
}

bool Assembler::feed(std::string_view packet, const std::function<void(Message)>& take) {
  while (!packet.empty()) {
    FrameHead head;
    if (packet.size() < sizeof head) return false;
    std::memcpy(&head, packet.data(), sizeof head);
    packet.remove_prefix(sizeof head);
    if (head.length > packet.size() || head.more > 1) return false;
    if (!is_open_) {
      open_ = {static_cast<Kind>(head.kind), head.instance, head.call, head.handle, {}};
    } else if (static_cast<Kind>(head.kind) != open_.kind || head.instance != open_.instance ||
               head.call != open_.call || head.handle != open_.handle) {
      return false;
    }
    if (open_.payload.size() + head.length > kMaxMessage) return false;
    open_.payload.append(packet.substr(0, head.length));
    packet.remove_prefix(head.length);
    is_open_ = head.more == 1;
    if (!is_open_) take(std::move(open_));
  }
  return true;
}

}  // namespace tocsin::wire
