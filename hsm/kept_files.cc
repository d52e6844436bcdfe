#include "hsm/kept_files.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "hsm/error.h"

namespace hsm {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    glob_t found{};
    if (glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0)
      for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    globfree(&found);
  }
  return files;
}

std::string copy_of(const std::string& file) {
  return file + ".kept";
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

[[noreturn]] void fail(const std::string& file) {
  throw SetupError("the token's file \"" + file +
                   "\" cannot be kept safe: " + std::strerror(errno));
}

/// The old file or the new one, whatever happens.
void replace(const std::string& file, const std::string& content) {
  const std::string part = file + ".part";
  const int to = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (to < 0) fail(part);
  const bool written =
      write(to, content.data(), content.size()) == static_cast<ssize_t>(content.size()) &&
      fsync(to) == 0;
  const int reason = errno;
  close(to);
  errno = reason;
  if (!written || rename(part.c_str(), file.c_str()) != 0) fail(file);
}

}  // namespace

void keep_files(const std::vector<std::string>& patterns) {
  for (const std::string& file : files_of(patterns)) {
    const std::string content = content_of(file);
    if (!content.empty() && content != content_of(copy_of(file))) replace(copy_of(file), content);
  }
}

std::vector<std::string> restore_kept_files(const std::vector<std::string>& patterns) {
  std::vector<std::string> restored;
  for (const std::string& file : files_of(patterns)) {
    const std::string kept = content_of(copy_of(file));
    if (content_of(file).size() >= kept.size()) continue;
    replace(file, kept);
    restored.push_back(file);
  }
  return restored;
}

}  // namespace hsm
