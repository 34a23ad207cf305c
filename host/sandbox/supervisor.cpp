// A plugin's process from the host's side: coming, going, instances made and made again. See supervisor.hpp.
#include "sandbox/supervisor.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <stdexcept>

#include "ops/log.hpp"
#include "plugin/library.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::sandbox {

using wire::Kind;

namespace {

// On the system's clock, which the sanitizers can follow.
template <class There>
bool wait_for(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, std::int64_t ms,
              const There& there) {
  return changed.wait_until(lock, std::chrono::system_clock::now() + std::chrono::milliseconds(ms), there);
}

}  // namespace

Supervisor::Supervisor(std::string path, int library, bool only_full, std::function<void()> quarantined)
    : path_(std::move(path)),
      library_(library),
      only_full_(only_full),
      quarantined_(std::move(quarantined)),
      wake_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Supervisor::~Supervisor() {
  stop();
  ::close(wake_fd_);
  ::close(library_);
}

Result<const tocsin_plugin*> Supervisor::start() {
  thread_ = std::thread([this] { run(); });
  Lock lock(mutex_);
  wait_for(changed_, lock, kLoadMs + 2'000, [this] { return is_described_ || !load_fault_.empty(); });
  if (is_described_) return table_->table();
  const std::string fault = load_fault_.empty() ? "did not come up in time" : load_fault_;
  lock.unlock();
  stop();
  return make_error(Errc::kUnavailable, fault);
}

void Supervisor::stop() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
    state_ = State::kStopped;
    wake();
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Supervisor::retire() {
  const Lock lock(mutex_);
  retired_ = true;
  end_where_retired();
}

bool Supervisor::is_over() const {
  const Lock lock(mutex_);
  return retired_ && stopping_;
}

// Its thread is joined when it is destroyed.
void Supervisor::end_where_retired() {
  if (!retired_ || !remotes_.empty() || destroying_ > 0) return;
  stopping_ = true;
  state_ = State::kStopped;
  wake();
}

SandboxStatus Supervisor::status() const {
  const Lock lock(mutex_);
  SandboxStatus status = status_;
  switch (state_) {
    case State::kStarting:
      status.state = "starting";
      break;
    case State::kRunning:
      status.state = "running";
      break;
    case State::kWaiting:
      status.state = "restarting";
      break;
    case State::kQuarantined:
      status.state = "quarantined";
      break;
    case State::kStopped:
      status.state = "stopped";
  }
  return status;
}

void Supervisor::reset() {
  const Lock lock(mutex_);
  crash_times_.clear();
  wait_ms_ = kFirstWaitMs;
  if (state_ != State::kQuarantined && state_ != State::kWaiting) return;
  state_ = State::kWaiting;
  resume_ms_ = 0;
  wake();
}

void Supervisor::wake() {
  if (woken_) return;
  woken_ = true;
  const std::uint64_t one = 1;
  static_cast<void>(!::write(wake_fd_, &one, sizeof one));
}

void Supervisor::push(wire::Message message) {
  packer_.add(message);
  wake();
}

void Supervisor::say(int level, const std::string& text) const {
  const auto at = level >= TOCSIN_LOG_ERROR     ? ops::LogLevel::kError
                  : level == TOCSIN_LOG_WARNING ? ops::LogLevel::kWarn
                                                : ops::LogLevel::kInfo;
  ops::log(at, "sandbox", text, {{"plugin", path_}});
}

Remote* Supervisor::find(std::uint32_t number) {
  const auto found = remotes_.find(number);
  return found == remotes_.end() ? nullptr : found->second.get();
}

// ---- instances

Remote* Supervisor::create(std::uint32_t type, const tocsin_host& host, plugin::RemoteFaults& faults,
                           const tocsin_doc& settings, tocsin_error& error) {
  Lock lock(mutex_);
  const std::uint32_t number = ++last_remote_;
  const auto remote = std::make_shared<Remote>(*this, number, type, host, faults);
  wire::Writer write(remote->settings);
  write(host.version, host.team, host.channel);
  tocsin_doc copy = settings;
  pass(write, copy);
  remotes_[number] = remote;
  if (state_ == State::kRunning) ask_create(*remote);
  if (state_ == State::kWaiting) {  // somebody waits for it now
    resume_ms_ = 0;
    wake();
  }
  const auto over = [&] {
    return remote->state != Remote::State::kWaiting && remote->state != Remote::State::kAsked;
  };
  const bool in_time =
      wait_for(changed_, lock, kCreateMs, [&] { return over() || state_ == State::kStopped; });
  if (remote->state == Remote::State::kReady) return remote.get();
  // Its process has kept what it had for it.
  if (state_ == State::kRunning) push({Kind::kDestroy, number, 0, 0, {}});
  remotes_.erase(number);
  changed_.wait(lock, [&] { return remote->calls == 0; });
  if (remote->state == Remote::State::kRefused) {
    error = remote->error;
    return nullptr;
  }
  if (!in_time || !over()) throw std::runtime_error("its process did not make the channel in time");
  throw std::runtime_error(remote->threw);
}

void Supervisor::ask_create(Remote& remote) {
  remote.state = Remote::State::kAsked;
  push({Kind::kCreate, remote.number, remote.type, 0, remote.settings});
}

void Supervisor::make_again() {
  for (const auto& [number, remote] : remotes_) {
    if (remote->state == Remote::State::kWaiting) ask_create(*remote);
  }
}

void Supervisor::created(const wire::Message& message) {
  wire::Shelf shelf;
  wire::Reader read(message.payload, shelf);
  std::uint32_t made = 0;
  std::uint32_t did_throw = 0;
  std::string what;
  tocsin_error error{};
  tocsin_str pointer{};
  tocsin_str text{};
  read(made, did_throw, what, pointer, text);
  const auto copy = [](char* to, std::size_t size, tocsin_str from) {
    std::copy_n(from.ptr, std::min(from.len, size - 1), to);
  };
  copy(error.pointer, sizeof error.pointer, pointer);
  copy(error.text, sizeof error.text, text);
  const Lock lock(mutex_);
  Remote* const remote = find(message.instance);
  if (remote == nullptr || remote->state != Remote::State::kAsked) return;
  if (read.good() && made != 0) {
    remote->state = Remote::State::kReady;
    remote->was_ready = true;
    give_waiting();
  } else if (did_throw != 0 || !read.good()) {
    remote->state = Remote::State::kThrew;
    remote->threw = what;
  } else {
    remote->state = Remote::State::kRefused;
    remote->error = error;
    remote->error.size = sizeof error;
  }
  if (remote->was_ready && remote->state != Remote::State::kReady) {
    // Nothing can be given to it; the next process may do better, and if none does, quarantine says why.
    end_for("it refuses a channel that it had made before");
  }
  changed_.notify_all();
}

void Supervisor::destroy(Remote& remote) {
  Lock lock(mutex_);
  ++destroying_;
  const bool is_there = state_ == State::kRunning && remote.state == Remote::State::kReady;
  remote.state = is_there ? Remote::State::kDestroying : Remote::State::kDestroyed;
  if (is_there) push({Kind::kDestroy, remote.number, 0, 0, {}});
  // What is left of its deliveries has ended for the host.
  while (!remote.deliveries.empty()) leave(remote, remote.deliveries.begin()->first);
  give_waiting();
  wait_for(changed_, lock, kDestroyMs, [&] { return remote.state == Remote::State::kDestroyed; });
  const auto kept = remotes_.extract(remote.number);
  changed_.wait(lock, [&] { return remote.calls == 0; });
  --destroying_;
  end_where_retired();  // the last thing: then this may be gone
}

void Supervisor::destroyed(const wire::Message& message) {
  const Lock lock(mutex_);
  Remote* const remote = find(message.instance);
  if (remote == nullptr || remote->state != Remote::State::kDestroying) return;
  remote->state = Remote::State::kDestroyed;
  changed_.notify_all();
}

bool Supervisor::settle(Remote& remote) {
  Lock lock(mutex_);
  if (state_ != State::kRunning) return false;
  const std::uint32_t process = generation_;
  const std::uint64_t mark = ++last_mark_;
  push({Kind::kPing, remote.number, 0, mark, {}});
  changed_.wait(lock, [&] { return remote.settled >= mark || generation_ != process || stopping_; });
  return remote.settled >= mark;
}

void Supervisor::settled(const wire::Message& message) {
  read_said();  // what it wrote meanwhile is known, too
  const Lock lock(mutex_);
  Remote* const remote = find(message.instance);
  if (remote == nullptr) return;
  remote->settled = std::max(remote->settled, message.handle);
  changed_.notify_all();
}

// ---- messages

void Supervisor::handle(wire::Message message) {
  switch (message.kind) {
    case Kind::kJailed: {
      const Lock lock(mutex_);
      if (std::exchange(jailed_generation_, generation_) == generation_) return;  // the library speaks by now
      status_.missing.clear();
      for (const char* wall : {"landlock", "seccomp"}) {
        if (message.payload.find(wall) != std::string::npos) status_.missing.emplace_back(wall);
      }
      status_.level = status_.missing.empty() ? "full" : status_.missing.size() == 1 ? "partial" : "none";
      if (only_full_ && !status_.missing.empty()) {
        load_fault_ = "is to run in a full sandbox, and this kernel has no " + message.payload +
                      "; use a newer kernel, or remove require = \"full\"";
      }
      return;
    }
    case Kind::kDescribed:
      if (load_until_ms_ == 0) return end_for("described itself again");
      return described(message);
    case Kind::kNotLoaded: {
      if (load_until_ms_ == 0) return end_for("said while it runs that it does not load");
      const Lock lock(mutex_);
      load_fault_ = message.payload == "no entry" || message.payload == "newer entry"
                        ? plugin::entry_fault(message.payload == "newer entry")
                        : plugin::load_fault(message.payload);
      return;
    }
    case Kind::kCreated:
      return created(message);
    case Kind::kDestroyed:
      return destroyed(message);
    case Kind::kPong:
      if (message.instance != 0) return settled(message);
      if (message.handle == ping_) pong_until_ms_ = 0;
      return;
    case Kind::kDenied:
      return denied(message.call);
    case Kind::kNoticed:
      return noticed(message.payload);
    default:
      return call_host(message);
  }
}

void Supervisor::described(wire::Message& message) {
  auto table = RemoteTable::read(std::move(message.payload), *this);
  const Lock lock(mutex_);
  load_until_ms_ = 0;
  if (!table) {
    load_fault_ = table.error().detail;
  } else if (!is_described_) {
    table_ = std::move(*table);
    is_described_ = true;
  } else if ((*table)->description() != table_->description()) {
    return end_for("describes itself otherwise than before");
  }
  if (!is_described_) return changed_.notify_all();
  up_since_ms_ = clock_.steady_us() / 1000;
  if (state_ == State::kStarting) state_ = State::kRunning;
  make_again();
  changed_.notify_all();
}

}  // namespace tocsin::sandbox
