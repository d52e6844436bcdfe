/// Packages for a server: files by name, or a folder into which they are put.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace kpd {

/// A folder in which others lay packages down: by renaming, so that each is whole when it appears.
/// What was worked on goes into its folders `done` and `held`.
class PackageFolder {
 public:
  /// Throws Failure(io).
  explicit PackageFolder(std::filesystem::path folder);

  /// Packages (*.cps) that were not given before, by name.
  std::vector<std::string> fresh();

  /// Puts a package away; a file of that name there is not replaced. Throws Failure(io).
  void put_away(const std::string& file, bool good);

 private:
  std::filesystem::path folder_;
  std::set<std::string> given_;
};

}  // namespace kpd
