// See played_host.hpp.
#include "conformance/played_host.hpp"

#include <algorithm>

#include "plugin/instance.hpp"
#include "sandbox/supervisor.hpp"

namespace tocsin::conformance {

// One function of an extension, passed on to the fake host's in turn.
template <class Table, auto Member>
struct Passed;
template <class Table, class Answer, class... Given, Answer (*Table::*Member)(const tocsin_host*, Given...)>
struct Passed<Table, Member> {
  template <const char* Id>
  static Answer on(const tocsin_host* host, Given... given) {
    PlayedHost& self = PlayedHost::of(host);
    const std::lock_guard turn(self.sandbox_->turn());
    const auto* const table = static_cast<const Table*>(self.raw()->get_extension(self.raw(), Id));
    return (table->*Member)(self.raw(), given...);
  }
};

namespace {

constexpr char kLog[] = TOCSIN_EXT_LOG;
constexpr char kClock[] = TOCSIN_EXT_CLOCK;
constexpr char kSecret[] = TOCSIN_EXT_SECRET;
constexpr char kHttp[] = TOCSIN_EXT_HTTP;
constexpr char kSmtp[] = TOCSIN_EXT_SMTP;
constexpr char kInbox[] = TOCSIN_EXT_INBOX;

const void* table_of(std::string_view id) {
  static constexpr tocsin_log log{&Passed<tocsin_log, &tocsin_log::write>::on<kLog>};
  static constexpr tocsin_clock clock{&Passed<tocsin_clock, &tocsin_clock::unix_ms>::on<kClock>,
                                      &Passed<tocsin_clock, &tocsin_clock::steady_ms>::on<kClock>,
                                      &Passed<tocsin_clock, &tocsin_clock::start_timer>::on<kClock>,
                                      &Passed<tocsin_clock, &tocsin_clock::cancel_timer>::on<kClock>};
  static constexpr tocsin_secret secret{&Passed<tocsin_secret, &tocsin_secret::hmac_sha256>::on<kSecret>,
                                        &Passed<tocsin_secret, &tocsin_secret::sign_ed25519>::on<kSecret>};
  static constexpr tocsin_http http{&Passed<tocsin_http, &tocsin_http::submit>::on<kHttp>};
  static constexpr tocsin_smtp smtp{&Passed<tocsin_smtp, &tocsin_smtp::submit>::on<kSmtp>,
                                    &Passed<tocsin_smtp, &tocsin_smtp::check>::on<kSmtp>};
  static constexpr tocsin_inbox inbox{&Passed<tocsin_inbox, &tocsin_inbox::put>::on<kInbox>};
  if (id == kLog) return &log;
  if (id == kClock) return &clock;
  if (id == kSecret) return &secret;
  if (id == kHttp) return &http;
  if (id == kSmtp) return &smtp;
  return id == kInbox ? &inbox : nullptr;
}

}  // namespace

PlayedType::PlayedType(const tocsin_channel_type& raw, bool sandboxed) : type(raw), api(*raw.api) {
  if (!sandboxed) return;
  api.create = &PlayedHost::create_there;
  api.destroy = &PlayedHost::destroy_there;
  type.api = &api;
}

PlayedHost::PlayedHost(const tocsin_channel_type& its_type, Sandboxed* sandbox)
    : PlayedType(its_type, sandbox != nullptr), fake_host(PlayedType::type), sandbox_(sandbox) {
  if (sandbox_ == nullptr) return;
  remote_type_ = reinterpret_cast<const sandbox::RemoteType*>(its_type.api);
  outside_ = *raw();
  outside_.ctx = this;
  outside_.get_extension = &find_extension;
  outside_.complete = &complete_there;
}

PlayedHost::~PlayedHost() {
  destroy();  // while what it calls is still there
}

void PlayedHost::play() {
  if (sandbox_ == nullptr) return run();
  if (instance() == nullptr) return;
  auto& remote = *reinterpret_cast<sandbox::Remote*>(instance());
  while (sandbox_->wait([&] { return remote.supervisor.settle(remote); }) && !is_idle()) run();
}

tocsin_instance* PlayedHost::create_there(const tocsin_host* host, const tocsin_doc* settings,
                                          tocsin_error* error) {
  auto& self = static_cast<PlayedHost&>(*fake_host::of(host));
  const auto& type = *self.remote_type_;
  return self.sandbox_->wait([&] {
    return reinterpret_cast<tocsin_instance*>(
        type.supervisor->create(type.index, self.outside_, self, *settings, *error));
  });
}

void PlayedHost::destroy_there(tocsin_instance* instance) {
  auto& remote = *reinterpret_cast<sandbox::Remote*>(instance);
  of(&remote.host).sandbox_->wait([&] {
    remote.supervisor.destroy(remote);
    return true;
  });
}

const void* PlayedHost::find_extension(const tocsin_host* host, const char* id) {
  PlayedHost& self = of(host);
  const std::lock_guard turn(self.sandbox_->turn());
  return self.raw()->get_extension(self.raw(), id) == nullptr ? nullptr : table_of(id);
}

void PlayedHost::complete_there(const tocsin_host* host, tocsin_delivery* delivery,
                                const tocsin_outcome* outcome) {
  PlayedHost& self = of(host);
  const std::lock_guard turn(self.sandbox_->turn());
  static constexpr tocsin_outcome kNone{};
  self.raw()->complete(self.raw(), delivery, outcome == nullptr ? &kNone : outcome);
}

// Of a delivery that has ended nobody carries over what was said; that something was said counts.
void PlayedHost::complete_late(std::uint64_t handle) {
  const std::lock_guard turn(sandbox_->turn());
  completions.push_back({plugin::to_delivery(handle), TOCSIN_UNCERTAIN, {}, {}, {}, 0, {}});
}

void PlayedHost::threw(std::uint64_t, const std::string& where, const std::string& what) {
  const std::lock_guard turn(sandbox_->turn());
  thrown = Thrown{where, what};
}

// Nobody has them; that they were written counts.
void PlayedHost::left_out(std::uint32_t lines) {
  constexpr std::size_t kEnough = 1'000'000;  // who floods is not believed beyond it
  const std::lock_guard turn(sandbox_->turn());
  log.resize(std::min(log.size() + lines, std::max(log.size(), kEnough)));
}

}  // namespace tocsin::conformance
