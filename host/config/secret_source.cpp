// See secret_source.hpp.
#include "config/secret_source.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "config/problems.hpp"

namespace tocsin::config {
namespace {

constexpr std::size_t kMost = 64 * 1024;

}  // namespace

bool load_secret_file(const std::string& path, security::Secret& secret, std::string& problem) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    problem = "cannot read " + quote(path) + ": " + std::strerror(errno);
    return false;
  }
  std::setvbuf(file.get(), nullptr, _IONBF, 0);  // no second copy of the bytes
  std::string bytes(kMost + 1, '\0');
  const std::size_t length = std::fread(bytes.data(), 1, bytes.size(), file.get());
  const bool failed = std::ferror(file.get()) != 0;
  bytes.resize(length);
  if (bytes.ends_with('\n')) bytes.pop_back();
  if (bytes.ends_with('\r')) bytes.pop_back();
  if (failed || bytes.empty() || length > kMost) {
    problem = quote(path) + (failed          ? " cannot be read: is it a file?"
                             : bytes.empty() ? " is empty: it should hold the secret"
                                             : " is longer than 64 KiB: it should hold the secret alone");
    return false;
  }
  secret = security::Secret(std::move(bytes));
  return true;
}

bool load_secret_variable(const std::string& name, security::Secret& secret, std::string& problem) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr || *value == '\0') {
    problem = "environment variable " + quote(name) + (value == nullptr ? " is not set" : " is empty");
    return false;
  }
  secret = security::Secret(value);
  return true;
}

bool load_credential(const std::string& name, security::Secret& secret, std::string& problem) {
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) {
    problem =
        "CREDENTIALS_DIRECTORY is not set: start the service with LoadCredential=" + name.substr(0, 80) +
        ":…";
    return false;
  }
  if (name.empty() || name.find('/') != std::string::npos || name.starts_with('.')) {
    problem = quote(name) + " is no credential name: write a file name of $CREDENTIALS_DIRECTORY";
    return false;
  }
  return load_secret_file(std::string(folder) + "/" + name, secret, problem);
}

}  // namespace tocsin::config
