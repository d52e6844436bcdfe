#include "kpd/device/area_files.h"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kArea = "{area}";

/// The folder that the area's file names where the profile's line has {area}; empty: none.
std::string named_folder(const fs::path& file, const std::string& line) {
  const std::size_t at = line.find(kArea);
  const std::string before = line.substr(0, at);
  const std::string after = line.substr(at + kArea.size());
  std::ifstream in(file);
  for (std::string text; std::getline(in, text);)
    if (text.size() > before.size() + after.size() && text.starts_with(before) &&
        text.ends_with(after))
      return text.substr(before.size(), text.size() - before.size() - after.size());
  return {};
}

}  // namespace

void check_area_files(const DeviceProfile& profile, const fs::path& area) {
  for (const auto& [name, text] : profile.files) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.find(kArea) == std::string::npos) continue;
      const std::string named = named_folder(area / name, line);
      std::error_code error;
      if (named.empty() || fs::equivalent(named, area, error)) continue;
      throw Failure(ExitCode::hold,
                    fmt::format("{} names the folder {}: this work area was copied or moved. Write "
                                "{} there if its own tokens are meant",
                                (area / name).string(), named, fs::absolute(area).string()));
    }
  }
}

}  // namespace kpd
