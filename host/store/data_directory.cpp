// See data_directory.hpp.
#include "store/data_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace tocsin::store {
namespace {

constexpr int kRoomForBallast = 4;              // times its size must be free before it is first made
constexpr std::int64_t kWorkingRoom = 4 << 20;  // what a daemon without ballast needs to go on

Error io_error(const std::string& what, const std::string& path) {
  return make_error(Errc::kIo, "cannot " + what + " " + path + ": " + std::strerror(errno));
}

std::string read_holder(int lock) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!pid.empty() && (pid.back() < '0' || pid.back() > '9')) pid.pop_back();
  return pid.empty() ? "of unknown pid" : "with pid " + pid;
}

bool write_holder(int lock) {
  const std::string pid = std::to_string(::getpid()) + "\n";
  return ::ftruncate(lock, 0) == 0 && ::pwrite(lock, pid.data(), pid.size(), 0) == std::ssize(pid);
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  std::error_code failure;
  const auto parent = std::filesystem::path(path).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, failure);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return io_error("make the data directory", path);

  const std::string lock_file = path + "/tocsin.lock";
  const int lock = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return io_error("open", lock_file);
  DataDirectory directory(path, lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return io_error("lock", lock_file);
    return make_error(Errc::kConflict, "the data directory " + path + " is in use by another process " +
                                           read_holder(lock) + ": stop it, or use another data directory");
  }
  if (!write_holder(lock)) return io_error("write", lock_file);
  return directory;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

DataDirectory::~DataDirectory() {
  if (lock_ >= 0) ::close(lock_);
}

Result<void> DataDirectory::prepare_file(const std::string& file) const {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (made < 0) return io_error("open", file);
  ::close(made);
  return {};
}

Result<void> DataDirectory::sync() const {
  const int directory = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return io_error("open", path_);
  const int outcome = ::fsync(directory);
  ::close(directory);
  if (outcome != 0) return io_error("sync", path_);
  return {};
}

std::int64_t DataDirectory::free_bytes() const {
  struct statvfs disk {};
  if (::statvfs(path_.c_str(), &disk) != 0) return 0;
  return static_cast<std::int64_t>(disk.f_bavail) * static_cast<std::int64_t>(disk.f_frsize);
}

Ballast::Ballast(const DataDirectory& directory, std::int64_t bytes)
    : directory_(directory), file_(directory.file("ballast")), bytes_(bytes) {
  struct stat status {};
  held_ = bytes > 0 && ::stat(file_.c_str(), &status) == 0 && status.st_size >= bytes;
}

void Ballast::fill() {
  const std::int64_t needed = released_ ? 2 * bytes_ : kRoomForBallast * bytes_;
  if (held_ || bytes_ <= 0 || directory_.free_bytes() < needed) return;
  const int file = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  held_ = ::posix_fallocate(file, 0, bytes_) == 0;
  ::close(file);
  if (!held_) ::unlink(file_.c_str());
  released_ = released_ && !held_;
}

void Ballast::release() {
  if (!held_) return;
  ::unlink(file_.c_str());
  held_ = false;
  released_ = true;
}

bool Ballast::has_room() const {
  return directory_.free_bytes() >= (released_ ? 2 * bytes_ : kWorkingRoom);
}

}  // namespace tocsin::store
