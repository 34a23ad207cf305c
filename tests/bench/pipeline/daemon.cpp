// See daemon.hpp.
#include "daemon.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace tocsin::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench: %s\n", why.c_str());
  std::exit(1);
}

void write_config(const std::string& directory, const std::string& build_dir, const DaemonOptions& options) {
  std::ofstream out(directory + "/tocsin.toml");
  out << "[server]\ndata_dir = \"" << directory << "/data\"\nlisten = \"127.0.0.1:0\"\n"
      << "[egress]\nallow = [\"127.0.0.0/8\"]\n"
      << "[[plugin]]\npath = \"" << build_dir << "/plugins/webhook.so\"\n"
      << "[[token]]\nname = \"bench\"\nrole = \"operator\"\ntoken = \"" << kToken << "\"\n"
      << "[[team]]\nname = \"demo\"\n[[team.channel]]\nname = \"siem\"\ntype = \"webhook\"\nwindow = "
         "64\npaused = "
      << (options.paused ? "true" : "false")
      << "\n[team.channel.settings]\nurl = \"http://127.0.0.1:" << options.receiver_port
      << "/hook\"\nsecret = \"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"\n";
  for (int i = 0; i < options.rules; ++i) {
    out << "[[team.rule]]\nname = \"rule-" << i
        << "\"\ncategory = \"security_alert\"\nseverities = [\"critical\", "
        << "\"high\"]\nsources = [\"source" << i << "\"]\nchannels = [\"siem\"]\n";
  }
}

double now_ms() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The value after `name` up to the end of the line, -1 where it is not there.
double value_after(const std::string& text, const std::string& name) {
  const auto at = text.find(name);
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + name.size());
}

}  // namespace

DaemonProcess::DaemonProcess(const std::string& build_dir, const DaemonOptions& options)
    : directory_(options.directory) {
  if (directory_.empty()) {
    char name[] = "/tmp/tocsin-bench-XXXXXX";
    if (::mkdtemp(name) == nullptr) give_up("no folder below /tmp");
    directory_ = name;
  }
  write_config(directory_, build_dir, options);
  const std::string log = directory_ + "/log";
  const double from = now_ms();
  pid_ = ::fork();
  if (pid_ == 0) {
    const int fd = ::open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    ::dup2(fd, 2);
    const std::string binary = build_dir + "/bin/tocsind";
    const std::string config = directory_ + "/tocsin.toml";
    ::execl(binary.c_str(), binary.c_str(), "--config", config.c_str(), nullptr);
    std::_Exit(127);
  }
  for (int i = 0; i < 30'000 && port_ == 0; ++i) {
    std::ifstream in(log);
    std::stringstream text;
    text << in.rdbuf();
    const auto at = text.str().find("127.0.0.1:", text.str().find("\"serving\""));
    if (text.str().find("\"serving\"") != std::string::npos && at != std::string::npos) {
      port_ = std::atoi(text.str().c_str() + at + 10);
    } else if (::waitpid(pid_, nullptr, WNOHANG) == pid_) {
      give_up("tocsind did not start: " + text.str());
    } else {
      ::usleep(1000);
    }
  }
  start_ms_ = now_ms() - from;
  if (port_ == 0) give_up("tocsind does not serve");
}

DaemonProcess::~DaemonProcess() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Cost DaemonProcess::cost() const {
  Cost cost;
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string word;
  for (int i = 1; i <= 15 && stat >> word; ++i) {
    if (i >= 14) cost.cpu_us += std::atof(word.c_str()) * 1e6 / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::stringstream text;
  text << status.rdbuf();
  cost.resident_mb = value_after(text.str(), "VmRSS:") / 1024;
  cost.peak_mb = value_after(text.str(), "VmHWM:") / 1024;
  return cost;
}

std::string DaemonProcess::get(const std::string& path) const {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port_));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    give_up("the daemon is gone");
  const std::string request = "GET " + path +
                              " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
                              kToken + "\r\n\r\n";
  (void)!::write(fd, request.data(), request.size());
  std::string answer;
  char buffer[16384];
  for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;)
    answer.append(buffer, static_cast<std::size_t>(n));
  ::close(fd);
  return answer;
}

std::int64_t DaemonProcess::unfinished() const {
  const std::string answer = get("/v1/plugins");
  return static_cast<std::int64_t>(value_after(answer, "\"in_flight\":") +
                                   value_after(answer, "\"queued\":") + value_after(answer, "\"backlog\":"));
}

std::uint64_t DaemonProcess::commits() const {
  return static_cast<std::uint64_t>(value_after(get("/metrics"), "\ntocsin_store_commits_total "));
}

}  // namespace tocsin::bench
