// What the daemon keeps of one instance in a plugin's process: enough to make it again in the next process,
// and to know of every delivery whether a byte of it can have left. Guarded by its supervisor's lock.
#pragma once

#include <tocsin/plugin.h>

#include <cstdint>
#include <map>
#include <string>

#include "plugin/remote_faults.hpp"

namespace tocsin::sandbox {

class Supervisor;
using Handle = std::uint64_t;

struct RemoteDelivery {
  std::string key;      // the message's id: the same on every attempt
  std::string payload;  // of kDeliver, to be given once more
  bool is_verification = false;
  bool is_given = false;       // the process has it
  bool is_alone = false;       // was there in two crashes: nothing else is in the process beside it
  bool may_have_left = false;  // a byte of a request of its was sent
  bool is_orphan = false;      // its process is gone, an exchange of its is still under way
  std::uint32_t exchanges = 0;
};

// A request, mail or item of the plugin's that the host carries out.
struct RemoteExchange {
  std::uint32_t generation = 0;  // of the process that asked
  std::uint64_t number = 0;      // what that process calls it
};
struct RemoteTimer {
  std::uint64_t number = 0;
  std::uint64_t host_timer = 0;
};

struct Remote {
  Remote(Supervisor& of, std::uint32_t its_number, std::uint32_t its_type, const tocsin_host& its_host,
         plugin::RemoteFaults& its_faults)
      : supervisor(of), number(its_number), type(its_type), host(its_host), faults(its_faults) {}

  Supervisor& supervisor;
  const std::uint32_t number;
  const std::uint32_t type;
  const tocsin_host& host;
  plugin::RemoteFaults& faults;
  std::string settings;  // the payload of kCreate

  enum class State { kWaiting, kAsked, kReady, kRefused, kThrew, kLost, kDestroying, kDestroyed };
  State state = State::kWaiting;
  tocsin_error error{};  // kRefused
  std::string threw;     // kThrew, kLost
  bool was_ready = false;

  std::map<Handle, RemoteDelivery> deliveries;
  std::map<std::uint64_t, RemoteExchange> exchanges;
  std::map<std::uint64_t, RemoteTimer> timers;
  std::uint64_t last_number = 0;
  std::uint64_t settled = 0;  // the last mark of settle() that its process has come to
  int calls = 0;              // into the host, of the supervisor's thread: it must not go away meanwhile
};

}  // namespace tocsin::sandbox
