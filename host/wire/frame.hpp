// Messages between the daemon and a plugin's own process, over one SOCK_SEQPACKET pair. A message is one
// frame or several: a header of 24 bytes and at most what fits a packet. Small frames share a packet, so that
// a batch costs one system call; a long body takes several packets. It knows no socket and no meaning.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tocsin::wire {

inline constexpr std::size_t kMaxPacket = 64 * 1024;
// A mail of 25 MiB with its envelope fits, and nothing that would hurt.
inline constexpr std::size_t kMaxMessage = 40U * 1024 * 1024;

enum class Kind : std::uint16_t {
  // From the daemon.
  kCreate = 1,  // call: the type's index
  kDeliver,
  kVerify,
  kCancel,
  kDestroy,
  kHttpDone,
  kMailDone,
  kPutDone,
  kTimerDue,
  kReply,  // call: whose
  kPing,   // instance: the one whose turn it takes; 0: the process itself
  // From the plugin's process. Those with a call number are answered by kReply.
  kJailed = 64,  // before any plugin code ran: what the kernel could not give
  kDescribed,
  kNotLoaded,
  kCreated,
  kDestroyed,
  kComplete,
  kThrew,
  kHttp,
  kMail,
  kCheckMail,
  kPut,
  kStartTimer,
  kCancelTimer,
  kHmac,
  kSign,
  kFindExtension,
  kLog,
  kPong,
  kDenied,   // call: the number of a system call that was refused
  kNoticed,  // what the plugin did to its process, the rest of a sentence
  kLeftOut,  // handle: how many lines of the instance's log were too many to be carried
};

struct Message {
  Kind kind = Kind::kPing;
  std::uint32_t instance = 0;
  std::uint32_t call = 0;
  std::uint64_t handle = 0;
  std::string payload;
};

struct FrameHead {
  std::uint32_t length = 0;  // of the payload in this frame
  std::uint16_t kind = 0;
  std::uint16_t more = 0;  // 1: the next frame goes on with this message
  std::uint32_t instance = 0;
  std::uint32_t call = 0;
  std::uint64_t handle = 0;
};
static_assert(sizeof(FrameHead) == 24);

// Messages into packets, in order.
class Packer {
 public:
  void add(const Message& message);
  [[nodiscard]] bool empty() const { return packets_.empty(); }
  [[nodiscard]] std::vector<std::string> take();

 private:
  std::vector<std::string> packets_;
};

// Packets back into messages. What the other side sends is not trusted.
class Assembler {
 public:
  // False: no sequence of frames, or a message over kMaxMessage; nothing of it can be used any more.
  [[nodiscard]] bool feed(std::string_view packet, const std::function<void(Message)>& take);

 private:
  Message open_;
  bool is_open_ = false;
};

}  // namespace tocsin::wire
