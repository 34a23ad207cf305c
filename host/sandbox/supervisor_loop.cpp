// The supervisor's thread: it starts the process, reads and writes the socket, asks whether the plugin still
// answers, and starts the next process when its time has come. See supervisor.hpp.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>

#include "jail/jail.hpp"
#include "ops/log.hpp"
#include "plugin/plain_text.hpp"
#include "sandbox/supervisor.hpp"

namespace tocsin::sandbox {

using wire::Kind;

namespace {

constexpr std::size_t kKeptSaid = 400;
constexpr std::int64_t kLongest = 60'000;
constexpr int kReadsATurn = 64;  // then others get their turn
constexpr int kTurnsToHear = 1'000;
// A process that asks and does not listen is not listened to either, until it is ended as one that hangs.
constexpr std::size_t kMostToSend = 16U * 1024 * 1024;

}  // namespace

void Supervisor::run() {
  start_child();
  Lock lock(mutex_);
  while (!stopping_) {
    const bool has_child = child_.has_value();
    const bool may_start = state_ == State::kWaiting && !has_child;
    if (may_start && clock_.steady_us() / 1000 >= resume_ms_) {
      lock.unlock();
      start_child();
      lock.lock();
      continue;
    }
    const std::int64_t patience = patience_ms(lock);
    lock.unlock();
    std::array<pollfd, 3> open{{{wake_fd_, POLLIN, 0}, {-1, 0, 0}, {-1, 0, 0}}};
    if (child_) {
      open[1] = {child_->socket(),
                 static_cast<short>((unsent_ < kMostToSend ? POLLIN : 0) | (to_send_.empty() ? 0 : POLLOUT)),
                 0};
      open[2] = {has_said_all_ ? -1 : child_->said(), POLLIN, 0};
    }
    ::poll(open.data(), open.size(), static_cast<int>(patience));
    lock.lock();
    std::uint64_t count = 0;
    if ((open[0].revents & POLLIN) != 0) static_cast<void>(!::read(wake_fd_, &count, sizeof count));
    woken_ = child_.has_value();  // until it has written, it need not be woken to write
    lock.unlock();
    if (child_) serve_child();
    lock.lock();
  }
  lock.unlock();
  child_.reset();  // kills it
  crashed("", "", false);
}

std::int64_t Supervisor::patience_ms(Lock&) const {
  const std::int64_t now = clock_.steady_us() / 1000;
  std::int64_t until = now + kLongest;
  if (state_ == State::kWaiting) until = std::min(until, resume_ms_);
  // Whichever is waited for: a ping comes only where nothing else is.
  for (const std::int64_t at : {kill_at_ms_, load_until_ms_, pong_until_ms_, ping_at_ms_}) {
    if (at == 0) continue;
    until = std::min(until, at);
    break;
  }
  return std::max<std::int64_t>(until - now, 0) + (child_ ? 0 : 1);
}

void Supervisor::start_child() {
  assembler_ = {};
  to_send_.clear();
  unsent_ = 0;
  lines_ = 0;
  said_.clear();
  has_said_all_ = false;
  killed_for_.clear();
  is_outlaw_ = false;
  ping_at_ms_ = pong_until_ms_ = kill_at_ms_ = 0;
  {
    const Lock lock(mutex_);
    if (stopping_) return;
    ++generation_;
    state_ = State::kStarting;
    packer_ = {};
  }
  auto child = Child::start(library_, only_full_);
  if (!child) return crashed(child.error().detail, "", false);
  child_.emplace(std::move(*child));
  load_until_ms_ = clock_.steady_us() / 1000 + kLoadMs;
  const Lock lock(mutex_);
  status_.pid = child_->pid();
}

// Whatever there is to do, in one turn: everything that came is handled before anything is sent, so that the
// answers of a batch leave as a batch.
void Supervisor::serve_child() {
  read_said();
  const bool alive = read_socket();
  watch_over();
  if (alive && write_socket()) return;
  if (alive) hear_out();
  const std::string why = killed_for_;
  end_child(why);
}

bool Supervisor::read_socket() {
  static thread_local std::string packet(wire::kMaxPacket, '\0');
  for (int i = 0; i < kReadsATurn && unsent_ < kMostToSend; ++i) {
    const auto got = ::recv(child_->socket(), packet.data(), packet.size(), MSG_DONTWAIT);
    // It ended with something unread: said once, and what it had sent is still there.
    if (got < 0 && errno == ECONNRESET) continue;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    if (got == 0) return false;
    if (!assembler_.feed({packet.data(), static_cast<std::size_t>(got)}, [this](wire::Message message) {
          if (!is_outlaw_) handle(std::move(message));
        })) {
      end_for("sent what is no message");
      return false;
    }
  }
  return true;
}

bool Supervisor::write_socket() {
  {
    const Lock lock(mutex_);
    for (std::string& packet : packer_.take()) {
      unsent_ += packet.size();
      to_send_.push_back(std::move(packet));
    }
    woken_ = false;
  }
  while (!to_send_.empty()) {
    const std::string& packet = to_send_.front();
    const auto sent = ::send(child_->socket(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR || errno == ENOBUFS;
    unsent_ -= packet.size();
    to_send_.pop_front();
  }
  return true;
}

// Its end was noticed by writing: what it had sent before counts, as if it had been read in time.
void Supervisor::hear_out() {
  to_send_.clear();
  unsent_ = 0;
  pollfd left{child_->socket(), POLLIN, 0};
  const auto is_left = [&] { return ::poll(&left, 1, 0) > 0; };
  for (int turn = 0; turn < kTurnsToHear && is_left() && read_socket(); ++turn) {
  }
}

void Supervisor::end_for(const char* why) {
  if (killed_for_.empty()) killed_for_ = why;
  is_outlaw_ = true;
  child_->signal(SIGKILL);
}

void Supervisor::read_said() {
  std::array<char, 4096> buffer{};
  for (int i = 0; i < kReadsATurn; ++i) {
    const auto got = ::read(child_->said(), buffer.data(), buffer.size());
    if (got == 0) has_said_all_ = true;
    if (got <= 0) return;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(got));
    said_.append(text);
    if (said_.size() > kKeptSaid) said_.erase(0, said_.size() - kKeptSaid);
    {
      const Lock lock(mutex_);
      status_.last_said = said_;
    }
    if (++lines_ > kLinesAPing) continue;
    std::string line = plugin::repair_text(text, kKeptSaid);
    std::replace(line.begin(), line.end(), '\n', ' ');
    say(TOCSIN_LOG_WARNING, "the plugin wrote to stdout or stderr: " + line);
  }
}

// Does it still answer?
void Supervisor::watch_over() {
  const std::int64_t now = clock_.steady_us() / 1000;
  const auto give_up = [&](const char* why) {
    killed_for_ = why;
    kill_at_ms_ = now + kAbortMs;
    pong_until_ms_ = load_until_ms_ = 0;
    child_->signal(SIGABRT);
  };
  if (kill_at_ms_ != 0) {
    if (now < kill_at_ms_) return;
    kill_at_ms_ = now + kAbortMs;
    child_->signal(SIGKILL);
    return;
  }
  if (load_until_ms_ != 0) {
    if (now >= load_until_ms_) give_up("did not come to an end while it was loaded");
    return;
  }
  if (pong_until_ms_ != 0) {
    if (now >= pong_until_ms_) give_up("did not answer for 5 s");
    return;
  }
  if (now < ping_at_ms_) return;
  lines_ = 0;
  ping_at_ms_ = now + kPingMs;
  pong_until_ms_ = now + kHangMs;
  const Lock lock(mutex_);
  packer_.add({Kind::kPing, 0, 0, ++ping_, {}});
}

void Supervisor::denied(std::uint32_t call) {
  const std::string name = jail::name_of_call(static_cast<int>(call));
  {
    const Lock lock(mutex_);
    ++status_.denied;
    status_.last_denied = name;
  }
  if (++lines_ > kLinesAPing) return;
  ops::log_warn("sandbox", "the plugin tried " + name + ", which its sandbox refuses",
                {{"plugin", path_}, {"call", name}});
}

void Supervisor::noticed(std::string_view what) {
  if (++lines_ > kLinesAPing) return;
  std::string sentence = "the plugin " + plugin::repair_text(what, kKeptSaid);
  std::replace(sentence.begin(), sentence.end(), '\n', ' ');
  say(TOCSIN_LOG_WARNING, sentence);
}

void Supervisor::end_child(const std::string& why) {
  {
    const Lock lock(mutex_);
    woken_ = false;
  }
  const Child::End end = child_->wait();
  read_said();  // its last words may come after its socket has closed
  child_.reset();
  load_until_ms_ = kill_at_ms_ = pong_until_ms_ = ping_at_ms_ = 0;
  std::string how = why.empty() ? "its process ended with " + end.how : why;
  // With every signal blocked a refusal cannot be answered, only suffered.
  if (end.signal == SIGSYS) how += ": it made a call that its sandbox refuses, such as posix_spawn()";
  std::string said = plugin::repair_text(said_, kKeptSaid);
  std::replace(said.begin(), said.end(), '\n', ' ');
  // Who kills from outside says nothing about what was being delivered.
  const bool from_outside = why.empty() && (end.signal == SIGKILL || end.signal == SIGTERM);
  crashed(how, said, !from_outside);
}

}  // namespace tocsin::sandbox
