/// A card program (ScApp): what loads one kind of card, written in Lua (docs/scripts.md).
#pragma once

#include <filesystem>
#include <string>

namespace kpd {

/// A script's text and the name by which messages speak of it.
struct Script {
  static constexpr std::size_t kMaxSize = 256 * 1024;  ///< bytes

  std::string name;
  std::string text;
};

/// Reads a script. Throws Failure(io), or Failure(usage) when it is too long.
Script read_script(const std::filesystem::path& file);

}  // namespace kpd
