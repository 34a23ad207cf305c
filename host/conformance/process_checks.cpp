// What a plugin leaves behind: memory, descriptors, threads, and the settings of the process that belong to
// the host.
#include <malloc.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>

#include "conformance/checks.hpp"
#include "conformance/trial.hpp"
#include "jail/process_state.hpp"
#include "plugin/plain_text.hpp"

namespace tocsin::conformance {
namespace {

namespace fs = std::filesystem;

constexpr int kWarmUp = 100;
constexpr int kRounds = 1000;
constexpr std::size_t kSlackBytes = 16 * 1024;  // what an allocator may keep over all rounds
constexpr std::size_t kSlackResident =
    512 * 1024;  // the same in whole pages, with what the process keeps for itself
// Of each instance, by the doing of the plugin's process and not of the plugin:
// host/plugin_host/guest_door.hpp.
constexpr std::size_t kDoorBytes = 208;

void live_once(Subject& subject, const SubjectType& type, const Sample& sample, Scribe& scribe) {
  Trial trial(subject, type, sample.settings, scribe, Watch::kNothing);
  if (!trial.create()) return;
  testing::sample_message message;
  trial.deliver(message, "an ordinary message");
  trial.destroy();
}

// Everything that a channel does, in little. What it wrote to stdout and stderr, where its process is another
// one.
std::string live_all(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return {};
  for (const SubjectType& type : subject->types) {
    for (const Sample& sample : type.samples) {
      Trial trial(*subject, type, sample.settings, scribe, Watch::kNothing);
      if (!trial.create()) continue;
      for (auto& [name, message] : testing::golden_corpus(input.seed, false)) trial.deliver(message, name);
      for (const int status : {400, 401, 429, 503}) {
        trial.host().replies.assign(4, {.status = status});
        testing::sample_message message;
        trial.deliver(message, "HTTP " + std::to_string(status));
      }
    }
  }
  return subject->sandbox ? subject->sandbox->status().last_said : "";
}

// Of the process that the plugin is in.
std::size_t memory_in_use(const Subject& subject) {
  if (!subject.sandbox) return mallinfo2().uordblks - testing::door_bytes();
  std::ifstream file("/proc/" + std::to_string(subject.sandbox->status().pid) + "/statm");
  std::size_t pages = 0;
  file >> pages >> pages;  // the second is what is resident
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

std::set<std::string> open_descriptors() {
  std::set<std::string> out;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd", error)) {
    const std::string target = fs::read_symlink(entry.path(), error).string();
    // The loader keeps the sealed copy of the library; the listing has one of its own.
    if (error || target.starts_with("/memfd:") || target.ends_with("/fd")) continue;
    out.insert(entry.path().filename().string() + " (" + target + ')');
  }
  return out;
}

std::size_t count_threads() {
  std::error_code error;
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator("/proc/self/task", error)) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

bool threads_left(std::size_t before) {
  for (int i = 0; i < 50 && count_threads() > before; ++i)
    poll(nullptr, 0, 10);  // one that ends takes a moment
  return count_threads() > before;
}

// Also one that has ended and was waited for: its use of resources has been counted then.
bool had_children() {
  rusage of_children{};
  if (::getrusage(RUSAGE_CHILDREN, &of_children) == 0 && of_children.ru_maxrss > 0) return true;
  return ::waitpid(-1, nullptr, WNOHANG | __WALL) >= 0 || errno != ECHILD;
}

}  // namespace

void check_lifecycle(const CheckInput& input, Scribe& scribe) {
  const auto subject = open_for_work(input, scribe);
  if (!subject) return;
  for (const SubjectType& type : subject->types) {
    for (const Sample& sample : type.samples) {
      scribe.step("making instances with " + sample.name + " (" + type.type->type + ')');
      for (int i = 0; i < kWarmUp; ++i) live_once(*subject, type, sample, scribe);
      const std::size_t before = memory_in_use(*subject);
      for (int i = 0; i < kRounds; ++i) live_once(*subject, type, sample, scribe);
      const std::size_t after = memory_in_use(*subject);
      const std::size_t ours = subject->sandbox ? kRounds * kDoorBytes : 0;
      if (after > before + ours + (subject->sandbox ? kSlackResident : kSlackBytes)) {
        scribe.find({type.type->type,
                     "keeps about " + std::to_string((after - before - ours) / kRounds) +
                         " bytes of each instance with " + sample.name + ", after destroy()",
                     "free in destroy() what create() made, and after each delivery what it took", false, 0});
      }
    }
  }
}

void check_quiet(const CheckInput& input, Scribe& scribe) {
  // Of what is written here the parent hears.
  std::string said = plugin::repair_text(live_all(input, scribe), 200);
  if (said.empty()) return;
  plugin::replace_all(said, "\n", " ");
  scribe.find({"", "wrote to stdout or stderr: \"" + said + '"', kQuietFix, false, 0});
}

void check_process(const CheckInput& input, Scribe& scribe) {
  const auto process = jail::read_process_state();
  const auto descriptors = open_descriptors();
  const auto threads = count_threads();
  const auto late = testing::late_calls();
  live_all(input, scribe);
  scribe.step("looking at what is left");
  for (const auto& [name, value] : jail::read_process_state()) {
    const auto found = process.find(name);
    if (found == process.end() || found->second != value) {
      scribe.find({"", "changed " + name, "leave it alone: it belongs to the host and to every other plugin",
                   false, 0});
    }
  }
  for (const auto& one : open_descriptors()) {
    if (!descriptors.contains(one)) {
      scribe.find({"", "left a descriptor open: " + one,
                   "let the host do the I/O; what is opened must be closed by destroy()", false, 0});
    }
  }
  if (had_children()) {
    scribe.find({"", "started a process",
                 "do the work in deliver() and by the host's extensions: in the daemon a "
                 "fork copies every lock and descriptor, and in a sandbox it is refused",
                 false, 0});
  }
  if (threads_left(threads)) {
    scribe.find({"", "left a thread running after destroy()",
                 "join every thread in destroy(), or use the host's timers instead", false, 0});
  }
  // Whoever was still to call has by now: its thread has ended.
  if (testing::late_calls() > late) {
    scribe.find({"", "called its host after destroy() had returned",
                 "join in destroy() every thread that may still call the host", false, 0});
  }
}

}  // namespace tocsin::conformance
