#include "kpd/serve/packages.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExtension = ".cps";

void make_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    throw Failure(ExitCode::io, fmt::format("{}: the folder cannot be made: {}", folder.string(),
                                            std::strerror(errno)));
}

}  // namespace

PackageFolder::PackageFolder(fs::path folder) : folder_(std::move(folder)) {
  if (!fs::is_directory(folder_))
    throw Failure(ExitCode::io, folder_.string() + ": there is no such folder");
  make_folder(folder_ / "done");
  make_folder(folder_ / "held");
}

std::vector<std::string> PackageFolder::fresh() {
  std::set<std::string> found;
  for (const fs::directory_entry& item : fs::directory_iterator(folder_))
    if (item.path().extension() == kExtension && item.is_regular_file() &&
        !given_.contains(item.path().string()))
      found.insert(item.path().string());
  given_.insert(found.begin(), found.end());
  return {found.begin(), found.end()};
}

void PackageFolder::put_away(const std::string& file, bool good) {
  const fs::path from = file;
  const fs::path to = folder_ / (good ? "done" : "held") / from.filename();
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0)
    throw Failure(ExitCode::io, fmt::format("{}: the package cannot be put away: {}", to.string(),
                                            std::strerror(errno)));
  given_.erase(file);
}

}  // namespace kpd
