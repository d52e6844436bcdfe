/// What must be known of a make of device and no call of it tells (kind: device).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hsm/token.h"

namespace kpd {

/// A device profile. In its texts {area} is the work area's folder, {label} and {number} a token's
/// label and place (0x21, 0x22 ...), {tokens} the texts of all tokens.
struct DeviceProfile {
  std::string title;
  std::vector<std::string> modules;          ///< PKCS#11 libraries: the first that is there counts
  std::string package;                       ///< what brings them; for messages
  std::optional<hsm::TokenMaking> making;    ///< none: people make its tokens before `kpd init`
  std::vector<std::string> folders;          ///< made in the area, private; may name {label}
  std::vector<std::string> kept_files;       ///< patterns in the area: see hsm::LibraryRules
  std::map<std::string, std::string> files;  ///< made in the area
  std::map<std::string, std::string> environment;  ///< variable to a path in the area
  std::string parameters;                          ///< of the library, with {tokens}
  std::string token_parameters;                    ///< one token's part of them
  std::size_t call_bytes = 64 * 1024;              ///< what one call enciphers at most
  bool apart = true;                               ///< processes log in one after the other
  bool spin_locks = false;                         ///< see hsm::LibraryRules
  unsigned workers = 0;            ///< calls that it likes to have at a time; 0: as processors
  std::vector<std::string> notes;  ///< what no probe can find; `kpd hsm doctor` repeats them
  std::string digest;              ///< SHA-256 of the profile's canonical form

  /// The library that is installed. Throws Failure(usage) when none is.
  std::string find_module() const;

  /// What the library is started with for these tokens of this area. Throws Failure(usage) when the
  /// folder's name cannot stand in the library's parameters.
  hsm::LibraryRules rules(const std::filesystem::path& area,
                          const std::vector<std::string>& labels) const;
};

/// Reads a file of kind `device`. Throws ConfigError.
DeviceProfile read_device_profile(const std::filesystem::path& file);

/// The file of the profile `name` in templates/devices of a folder above `start`, else among those
/// that came with the program. Throws Failure(usage), which lists those that are there.
std::filesystem::path find_device_profile(const std::string& name,
                                          const std::filesystem::path& start);

/// `text` with {area} and {label} in their places.
std::string device_text(std::string text, const std::filesystem::path& area,
                        const std::string& label);

}  // namespace kpd
