// See process_state.hpp.
#include "jail/process_state.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <clocale>
#include <csignal>
#include <cstdint>

#include "jail/jail.hpp"

// POSIX wants the program to declare it.
extern char** environ;

namespace tocsin::jail {

ProcessState read_process_state() {
  ProcessState out;
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal == SIGSYS) continue;  // a sandbox refuses even to be asked
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) != 0) continue;
    out["the handler of signal " + std::to_string(signal)] =
        std::to_string(reinterpret_cast<std::uintptr_t>(action.sa_handler));
  }
  sigset_t mask;
  sigemptyset(&mask);
  pthread_sigmask(SIG_BLOCK, nullptr, &mask);
  std::string blocked;
  for (int signal = 1; signal < NSIG; ++signal) blocked += sigismember(&mask, signal) == 1 ? '1' : '0';
  out["the signal mask"] = blocked;
  const char* locale = std::setlocale(LC_ALL, nullptr);
  out["the locale"] = locale == nullptr ? "" : locale;
  std::array<char, PATH_MAX> folder{};
  out["the working directory"] = ::getcwd(folder.data(), folder.size()) == nullptr ? "" : folder.data();
  const mode_t mask_bits = umask(0);
  umask(mask_bits);
  out["the umask"] = std::to_string(mask_bits);
  std::string variables;
  for (char** one = environ; one != nullptr && *one != nullptr; ++one) variables += std::string(*one) + '\n';
  out["the environment"] = variables;
  return out;
}

int count_descriptors() {
  int open = 0;
  for (int number = 0; number < static_cast<int>(kDescriptors); ++number) {
    if (::fcntl(number, F_GETFD) >= 0) ++open;
  }
  return open;
}

}  // namespace tocsin::jail
