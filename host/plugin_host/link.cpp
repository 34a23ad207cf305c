// See link.hpp.
#include "plugin_host/link.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace tocsin::plugin_host {

namespace {

// The daemon is gone or speaks nonsense: there is nobody left to serve. No destructor runs, since threads of
// the plugin may be anywhere.
[[noreturn]] void leave(int error = 0) {
  if (error == EBADF) {
    constexpr std::string_view kWhy = "the plugin closed descriptors that are not its own\n";
    static_cast<void>(!::write(STDERR_FILENO, kWhy.data(), kWhy.size()));
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace

void Link::send(wire::Message message) {
  {
    const std::lock_guard lock(send_mutex_);
    packer_.add(message);
  }
  if (std::this_thread::get_id() != owner_) flush();
}

void Link::flush() {
  const std::lock_guard lock(send_mutex_);
  if (packer_.empty()) return;
  for (const std::string& packet : packer_.take()) {
    while (::send(socket_, packet.data(), packet.size(), MSG_NOSIGNAL) < 0) {
      if (errno == ENOBUFS || errno == ENOMEM) {
        ::usleep(1000);
      } else if (errno != EINTR) {
        leave(errno);
      }
    }
  }
}

std::string Link::ask(wire::Message message) {
  std::unique_lock lock(mutex_);
  const std::uint32_t call = ++last_call_ == 0 ? ++last_call_ : last_call_;
  message.call = call;
  const auto place = answers_.emplace(call, std::nullopt).first;
  lock.unlock();
  send(std::move(message));
  flush();
  lock.lock();
  wait(lock, [&] { return place->second.has_value(); });
  std::string answer = std::move(*place->second);
  answers_.erase(place);
  return answer;
}

wire::Message Link::next() {
  std::unique_lock lock(mutex_);
  if (inbox_.empty()) {
    lock.unlock();
    flush();
    lock.lock();
    wait(lock, [&] { return !inbox_.empty(); });
  }
  wire::Message message = std::move(inbox_.front());
  inbox_.pop_front();
  return message;
}

template <class There>
void Link::wait(std::unique_lock<std::mutex>& lock, const There& there) {
  while (!there()) {
    if (reading_) {
      changed_.wait(lock);
      continue;
    }
    reading_ = true;
    lock.unlock();
    thread_local std::string packet(wire::kMaxPacket, '\0');
    const auto got = ::recv(socket_, packet.data(), packet.size(), 0);
    if (got == 0 || (got < 0 && errno != EINTR)) leave(got == 0 ? 0 : errno);
    lock.lock();
    reading_ = false;
    if (got > 0 && !assembler_.feed({packet.data(), static_cast<std::size_t>(got)},
                                    [this](wire::Message message) { take(std::move(message)); })) {
      leave();
    }
    changed_.notify_all();
  }
}

void Link::take(wire::Message message) {
  if (message.kind != wire::Kind::kReply) {
    inbox_.push_back(std::move(message));
    return;
  }
  const auto asked = answers_.find(message.call);
  if (asked != answers_.end()) asked->second = std::move(message.payload);
}

}  // namespace tocsin::plugin_host
