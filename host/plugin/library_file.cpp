// See library_file.hpp.
//
// Who is trusted with a plugin's file and the folders above it: root, the user we run as, and the owner of
// our own executable. A folder above our own executable is not looked at: whoever can write there can replace
// us. World-writable is refused, but for a folder with the sticky bit (/tmp), where only an entry's owner can
// replace it. Group-writable is allowed where the group is our own, which is what a umask of 002 makes.
#include "plugin/library_file.hpp"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <system_error>

#include "security/signature.hpp"

namespace tocsin::plugin {
namespace {

constexpr std::size_t kMaxLibraryBytes = 64U * 1024 * 1024;

Error refuse(const std::string& path, const std::string& why) {
  return make_error(Errc::kUnavailable, "plugin " + path + ' ' + why);
}

std::string errno_text() {
  return std::system_category().message(errno);
}

std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : "";
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int number() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

struct Executable {
  std::string path;
  struct stat state {};
};

Executable own_executable() {
  Executable own;
  own.path = real_path("/proc/self/exe");
  if (::stat("/proc/self/exe", &own.state) != 0) own.state = {};
  return own;
}

bool is_trusted_owner(uid_t owner, const Executable& own) {
  return owner == 0 || owner == ::geteuid() || (!own.path.empty() && owner == own.state.st_uid);
}

// "" or why a file or folder with this state could be changed by somebody who is not trusted.
std::string trust_fault(const struct stat& state, const Executable& own) {
  if (!is_trusted_owner(state.st_uid, own)) {
    return "is owned by user " + std::to_string(state.st_uid) + ", who is neither root nor us; chown it";
  }
  const bool sticky_folder = S_ISDIR(state.st_mode) && (state.st_mode & S_ISVTX) != 0;
  if ((state.st_mode & S_IWOTH) != 0 && !sticky_folder) return "is writable for everyone; chmod o-w it";
  if ((state.st_mode & S_IWGRP) != 0 && !sticky_folder && state.st_gid != ::getegid()) {
    return "is writable for group " + std::to_string(state.st_gid) + ", which is not ours; chmod g-w it";
  }
  return "";
}

std::string parents_fault(const std::string& path, const Executable& own) {
  for (auto slash = path.rfind('/'); slash != path.npos;
       slash = slash == 0 ? path.npos : path.rfind('/', slash - 1)) {
    const std::string folder = path.substr(0, slash) + '/';
    if (own.path.starts_with(folder)) continue;
    struct stat state {};
    if (::stat(folder.c_str(), &state) != 0) return "cannot be trusted: " + folder + ": " + errno_text();
    std::string fault = trust_fault(state, own);
    if (!fault.empty()) return "is not trusted: the folder " + folder + ' ' + fault;
  }
  return "";
}

Result<std::string> read_all(int fd, std::size_t size, const std::string& path) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(fd, bytes.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refuse(path, "cannot be read: " + errno_text());
    if (n == 0) return refuse(path, "changed while it was read; start again");
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::string hex(const std::array<std::uint8_t, 32>& digest) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const auto byte : digest) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

constexpr Elf64_Half kThisMachine =
#if defined(__x86_64__)
    EM_X86_64;
#elif defined(__aarch64__)
    EM_AARCH64;
#elif defined(__riscv)
    EM_RISCV;
#else
    EM_NONE;
#endif

std::string elf_fault(const std::string& bytes) {
  Elf64_Ehdr header{};
  if (bytes.size() < sizeof header || std::memcmp(bytes.data(), ELFMAG, SELFMAG) != 0) {
    return "is not a shared library; build it with tocsin_add_channel()";
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  constexpr unsigned char kOrder = std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != kOrder ||
      (kThisMachine != EM_NONE && header.e_machine != kThisMachine)) {
    return "is built for another machine; build it on this architecture";
  }
  if (header.e_type != ET_DYN) return "is a program or an object file, not a shared library";
  return "";
}

std::string state_fault(const struct stat& state, const std::string& real, const Executable& own) {
  if (!S_ISREG(state.st_mode)) return "is not a regular file";
  if (state.st_dev == own.state.st_dev && state.st_ino == own.state.st_ino) {
    return "is the host's own program; name the plugin's .so";
  }
  const std::string fault = trust_fault(state, own);
  if (!fault.empty()) return "is not trusted: it " + fault;
  return parents_fault(real, own);
}

bool same_digest(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return x == (y >= 'A' && y <= 'F' ? static_cast<char>(y - 'A' + 'a') : y);
  });
}

}  // namespace

Result<LibraryFile> read_library_file(const std::string& path, const std::string& pinned_sha256) {
  if (path.empty() || path.front() != '/') return refuse(path, "is no absolute path; write it from / on");
  const std::string real = real_path(path);
  if (real.empty()) return refuse(path, "cannot be found: " + errno_text());
  const Descriptor file(::open(real.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (file.number() < 0) return refuse(path, "cannot be opened: " + errno_text());
  struct stat state {};
  if (::fstat(file.number(), &state) != 0) return refuse(path, "cannot be examined: " + errno_text());
  std::string fault = state_fault(state, real, own_executable());
  if (!fault.empty()) return refuse(path, fault);
  if (static_cast<std::size_t>(state.st_size) > kMaxLibraryBytes) {
    return refuse(path, "is larger than 64 MiB");
  }
  auto bytes = read_all(file.number(), static_cast<std::size_t>(state.st_size), path);
  if (!bytes) return bytes.error();
  LibraryFile read{real, std::move(*bytes), ""};
  read.sha256 = hex(security::sha256(read.bytes));
  if (!pinned_sha256.empty() && !same_digest(read.sha256, pinned_sha256)) {
    return refuse(path, "has the sha256 " + read.sha256 + ", which is not the one pinned in the config");
  }
  fault = elf_fault(read.bytes);
  if (!fault.empty()) return refuse(path, fault);
  return read;
}

Result<int> seal_in_memory(const std::string& bytes) {
  constexpr unsigned kExecutable = 0x10;  // MFD_EXEC, from Linux 6.3 on; older kernels say EINVAL
  int fd = ::memfd_create("tocsin-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING | kExecutable);
  if (fd < 0 && errno == EINVAL) fd = ::memfd_create("tocsin-plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  Descriptor memory(fd);
  if (fd < 0) return make_error(Errc::kUnavailable, "no memory file can be made: " + errno_text());
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return make_error(Errc::kUnavailable, "no copy in memory can be written: " + errno_text());
    done += static_cast<std::size_t>(n);
  }
  if (::fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
    return make_error(Errc::kUnavailable, "the copy in memory cannot be sealed: " + errno_text());
  }
  return memory.release();
}

}  // namespace tocsin::plugin
