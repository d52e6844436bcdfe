#include "hsm/login_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>

#include "hsm/error.h"

namespace hsm {

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& reason) {
  throw SetupError("cannot lock \"" + path + "\" for the log-in to the device: " + reason +
                   "; set XDG_RUNTIME_DIR to a private folder");
}

std::string lock_folder() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime == '/' && access(runtime, W_OK) == 0)
    return std::string(runtime) + "/kpd";
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  if (error) fail("the folder for temporary files", error.message());
  return temporary / ("kpd-" + std::to_string(getuid()));
}

/// Nobody else may hold the lock, so nobody else may reach the folder.
void ensure_private(const std::string& folder) {
  struct stat status {};
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail(folder, std::strerror(errno));
  if (lstat(folder.c_str(), &status) != 0) fail(folder, std::strerror(errno));
  if (!S_ISDIR(status.st_mode) || status.st_uid != getuid() || (status.st_mode & 077) != 0)
    fail(folder, "it is not a private folder (mode 0700) of this user");
}

}  // namespace

LoginLock::LoginLock(bool needed) {
  if (!needed) return;
  const std::string folder = lock_folder();
  ensure_private(folder);
  const std::string path = folder + "/login.lock";
  file_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file_ < 0) fail(path, std::strerror(errno));
  while (flock(file_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const int reason = errno;
    close(file_);
    fail(path, std::strerror(reason));
  }
}

LoginLock::~LoginLock() {
  if (file_ >= 0) close(file_);
}

}  // namespace hsm
