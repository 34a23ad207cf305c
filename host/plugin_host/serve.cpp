// See serve.hpp.
#include "plugin_host/serve.hpp"

#include <dlfcn.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <memory>
#include <optional>

#include "jail/jail.hpp"
#include "plugin_host/describe.hpp"
#include "plugin_host/guest.hpp"
#include "plugin_host/link.hpp"
#include "plugin_host/watch.hpp"

namespace tocsin::plugin_host {

namespace {

using wire::Kind;

// In a signal handler, beside whatever the process is at: one packet of its own.
void tell_denied(int number) {
  const wire::FrameHead head{0, static_cast<std::uint16_t>(Kind::kDenied), 0,
                             0, static_cast<std::uint32_t>(number),        0};
  static_cast<void>(::send(kSocket, &head, sizeof head, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void tell(Link& link, Kind kind, const std::string& payload) {
  link.send({kind, 0, 0, 0, payload});
  link.flush();
}

std::optional<const tocsin_plugin*> load(Link& link) {
  const std::string name = "/proc/self/fd/" + std::to_string(kLibrary);
  void* const library = ::dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* const why = ::dlerror();
    tell(link, Kind::kNotLoaded, why == nullptr ? "" : why);
    return std::nullopt;
  }
  const auto entry = reinterpret_cast<tocsin_plugin_v1_fn>(::dlsym(library, TOCSIN_ENTRY_SYMBOL));
  if (entry == nullptr) {
    tell(link, Kind::kNotLoaded,
         ::dlsym(library, "tocsin_plugin_v2") == nullptr ? "no entry" : "newer entry");
    return std::nullopt;
  }
  return entry();
}

class Guests {
 public:
  Guests(Link& link, Watch& watch, const tocsin_plugin& plugin)
      : link_(link), watch_(watch), plugin_(plugin) {}

  void handle(wire::Message message) {
    if (message.kind == Kind::kPing && !guests_.contains(message.instance)) return answer_ping(message);
    if (message.kind == Kind::kCreate && message.call < plugin_.n_types) {
      guests_[message.instance] =
          std::make_shared<Guest>(link_, clock_, *plugin_.types[message.call], message.instance);
    }
    const auto found = guests_.find(message.instance);
    if (found == guests_.end()) return;
    const bool last = message.kind == Kind::kDestroy;
    if (!found->second->hand_over(message)) found->second->handle(std::move(message));
    if (last) guests_.erase(found);  // where it has a thread of its own, that still keeps it
  }

 private:
  // Of the process as a whole: instance 0; or of an instance that is gone.
  void answer_ping(const wire::Message& ping) {
    for (auto& found : watch_.look(guests_.empty())) link_.send({Kind::kNoticed, 0, 0, 0, std::move(found)});
    link_.send({Kind::kPong, ping.instance, 0, ping.handle, {}});
  }

  Link& link_;
  Watch& watch_;
  const tocsin_plugin& plugin_;
  const SystemClock clock_;
  std::map<std::uint32_t, std::shared_ptr<Guest>> guests_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

}  // namespace

int serve(const Options& options) {
  ::mallopt(M_ARENA_MAX, 2);  // an arena a thread would eat the addresses
  if (!jail::limit_process(options.parent)) {
    std::fputs(
        "it cannot become nobody, as root of a user namespace that has no other user; start it as somebody "
        "else\n",
        stderr);
    return 1;
  }
  // Whatever thread dlopen() starts, it is not this one's business to read: the link is made here.
  Link link(kSocket);
  // What it writes is told line by line, as a terminal's reader would see it.
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  Watch watch;
  jail::on_denied_call(&tell_denied);
  const auto missing = jail::close_stage_one();
  tell(link, Kind::kJailed, joined(missing));
  if (options.only_full && !missing.empty()) return 0;
  const auto table = load(link);
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  if (!table) return 0;
  const std::string description = describe(*table);
  const bool has_filter = joined(missing).find("seccomp") == std::string::npos;
  if (has_filter && !jail::close_stage_two()) return 1;
  watch.start();
  tell(link, Kind::kDescribed, description);
  if (*table == nullptr) return 0;
  Guests guests(link, watch, **table);
  while (true) guests.handle(link.next());
}

}  // namespace tocsin::plugin_host
