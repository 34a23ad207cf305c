// What the daemon wants of an instance. See guest.hpp.
#include "plugin_host/guest.hpp"

#include <exception>

#include "plugin_host/blocking_thread.hpp"

namespace tocsin::plugin_host {

namespace {

using wire::Kind;

// To a call that comes too late the tables are still there: they answer that, where NULL might be followed.
const void* get_extension(const tocsin_host* host, const char* id) {
  if (host == nullptr || id == nullptr) return nullptr;
  const auto guest = Guest::of(host);
  return guest == nullptr ? find_table(id) : guest->find_extension(id);
}
void complete(const tocsin_host* host, tocsin_delivery* delivery, const tocsin_outcome* outcome) {
  if (host == nullptr) return;
  if (const auto guest = Guest::of(host)) guest->complete(reinterpret_cast<Handle>(delivery), outcome);
}

tocsin_delivery* to_delivery(Handle handle) {
  return reinterpret_cast<tocsin_delivery*>(handle);
}

// Nothing, or what was thrown.
template <class Call>
std::string thrown_by(bool& threw, const Call& call) {
  threw = true;
  try {
    call();
    threw = false;
    return {};
  } catch (const std::exception& what) {
    return what.what() == nullptr ? "" : what.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

}  // namespace

Guest::Guest(Link& link, const Clock& clock, const tocsin_channel_type& type, std::uint32_t number)
    : link_(link), clock_(clock), type_(type), number_(number) {
  if (type.threading == TOCSIN_BLOCKING) thread_ = std::make_unique<BlockingThread>(*this);
}

Guest::~Guest() = default;

bool Guest::hand_over(wire::Message& message) {
  if (!thread_) return false;
  thread_->push(std::move(message));
  return true;
}

void Guest::handle(wire::Message message) {
  obey(std::move(message));
  count_lines();
}

void Guest::obey(wire::Message message) {
  switch (message.kind) {
    case Kind::kCreate:
      return create(message);
    case Kind::kDeliver:
      return deliver(message);
    case Kind::kVerify:
      return verify(message);
    case Kind::kCancel:
      return cancel(message);
    case Kind::kDestroy:
      return destroy();
    case Kind::kHttpDone:
      return call_back<tocsin_http_response>(
          message, "its HTTP callback", [&](const Pending& pending, const tocsin_http_response& answer) {
            pending.http(plugin_, to_delivery(message.handle), &answer, pending.user);
          });
    case Kind::kMailDone:
      return call_back<tocsin_smtp_reply>(
          message, "its mail callback", [&](const Pending& pending, const tocsin_smtp_reply& answer) {
            pending.mail(plugin_, to_delivery(message.handle), &answer, pending.user);
          });
    case Kind::kPutDone:
      return call_back<tocsin_inbox_result>(
          message, "its inbox callback", [&](const Pending& pending, const tocsin_inbox_result& answer) {
            pending.put(plugin_, to_delivery(message.handle), &answer, pending.user);
          });
    case Kind::kTimerDue:
      return fire_timer(message);
    case Kind::kPing:  // behind all that came before it, on the same thread
      return link_.send(wire::Message{Kind::kPong, number_, 0, message.handle, {}});
    default:
      return;
  }
}

template <class Call>
void Guest::guarded(Handle handle, const char* where, const Call& call) {
  bool threw = false;
  const std::string what = thrown_by(threw, call);
  if (!threw) return;
  wire::Message told = message(Kind::kThrew, handle);
  wire::Writer write(told.payload);
  write(std::string(where), what);
  link_.send(std::move(told));
}

void Guest::create(wire::Message& given) {
  wire::Shelf shelf;
  wire::Reader read(given.payload, shelf);
  tocsin_doc settings{};
  std::string version;
  std::string team;
  std::string channel;
  read(version, team, channel);
  pass(read, settings);
  tocsin_host host{};
  host.size = sizeof host;
  host.abi_minor = TOCSIN_ABI_MINOR;
  host.get_extension = &get_extension;
  host.complete = &plugin_host::complete;
  door_ = &GuestDoor::make(link_, shared_from_this(), host, version, team, channel);
  tocsin_error error{};
  error.size = sizeof error;
  bool threw = false;
  const std::string what =
      thrown_by(threw, [&] { plugin_ = type_.api->create(&door_->host(), &settings, &error); });
  wire::Message told = message(Kind::kCreated);
  wire::Writer write(told.payload);
  write(std::uint32_t{plugin_ != nullptr}, std::uint32_t{threw}, what);
  write(tocsin_str{error.pointer, sizeof error.pointer}, tocsin_str{error.text, sizeof error.text});
  link_.send(std::move(told));
}

void Guest::deliver(wire::Message& given) {
  auto held = std::make_unique<Held>();
  held->bytes = std::move(given.payload);
  wire::Reader read(held->bytes, held->shelf);
  auto* const to_send = held->shelf.place<tocsin_message>(1);
  *to_send = tocsin_message{};
  pass(read, *to_send);
  {
    const std::lock_guard lock(mutex_);
    messages_[given.handle] = std::move(held);
  }
  guarded(given.handle, "deliver()",
          [&] { type_.api->deliver(plugin_, to_send, to_delivery(given.handle)); });
}

void Guest::verify(const wire::Message& given) {
  guarded(given.handle, "verify()", [&] { type_.api->verify(plugin_, to_delivery(given.handle)); });
}

void Guest::cancel(const wire::Message& given) {
  if (type_.api->cancel == nullptr) return;
  guarded(given.handle, "cancel()", [&] { type_.api->cancel(plugin_, to_delivery(given.handle)); });
}

void Guest::destroy() {
  guarded(0, "destroy()", [&] {
    if (plugin_ != nullptr) type_.api->destroy(plugin_);
  });
  plugin_ = nullptr;
  if (door_ != nullptr) door_->close();
  link_.send(message(Kind::kDestroyed));
}

template <class Answer, class Call>
void Guest::call_back(wire::Message& given, const char* where, const Call& call) {
  wire::Shelf shelf;
  wire::Reader read(given.payload, shelf);
  std::uint64_t number = 0;
  Answer answer{};
  read(number);
  pass(read, answer);
  Pending pending;
  {
    const std::lock_guard lock(mutex_);
    const auto found = pending_.find(number);
    if (found == pending_.end() || found->second.kind != given.kind) return;
    pending = found->second;
    pending_.erase(found);
  }
  guarded(given.handle, where, [&] { call(pending, answer); });
}

void Guest::fire_timer(const wire::Message& given) {
  Timer due;
  {
    const std::lock_guard lock(mutex_);
    const auto found = timers_.find(given.handle);
    if (found == timers_.end()) return;  // cancelled meanwhile
    due = found->second;
    timers_.erase(found);
  }
  guarded(0, "a timer", [&] { due.callback(plugin_, due.user); });
}

wire::Message Guest::message(Kind kind, Handle handle) const {
  return {kind, number_, 0, handle, {}};
}

}  // namespace tocsin::plugin_host
