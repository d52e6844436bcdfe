/// File control parameters of native cards: what CREATE FILE is given and SELECT tells (ISO/IEC
/// 7816-4, "File control information"; ISO/IEC 7816-9, CREATE FILE).
#pragma once

#include <optional>

#include "kpd/chip/status.h"

namespace kpd::chip {

/// What a file descriptor byte (82) says.
enum class FileKind : std::uint8_t {
  transparent = 0x01,
  linear_fixed = 0x02,
  linear_variable = 0x04,
  internal = 0x09,  ///< transparent, for the card alone
  keys = 0x0C,      ///< internal, records of any length
  folder = 0x38     ///< a dedicated file
};

/// Life cycle status byte (8A).
enum class FileLife : std::uint8_t {
  creation = 0x01,        ///< nothing is in it yet
  initialisation = 0x03,  ///< something is
  operational = 0x05      ///< activated
};

/// One template 62, taken apart.
struct FileControl {
  FileKind kind = FileKind::folder;
  std::uint16_t id = 0;
  std::uint8_t sfi = 0;           ///< of an EF: 1-30; 0: none
  std::size_t size = 0;           ///< of an EF: bytes for content; 0: as much as comes
  std::size_t record_length = 0;  ///< of records: exactly, or at most where they vary
  Bytes name;                     ///< of a DF: its AID
  FileLife life = FileLife::creation;
  Bytes parameters;  ///< what is in the template, without 8A

  /// Template 62 as SELECT gives it: with the present life cycle, or as it came without one.
  Bytes told(std::optional<FileLife> present) const;
};

inline constexpr std::size_t kLargestFile = 0x7FFF;  ///< what an offset of 15 bits reaches
inline constexpr std::size_t kLongestRecord = 254;
inline constexpr std::uint16_t kMasterFile = 0x3F00;

/// Reads one template 62 with nothing behind it. A DF has 82 (38), 83 and 84; an EF has 82 (01, 09;
/// 02, 04, 0C with 21 and the length of a record in 2 bytes behind it, and if wanted how many), 83,
/// and if wanted 80 (size) and 88 (SFI in b8-b4). Both may have 8A, 01 or 03. Nothing when it has
/// anything else, or an identifier that the standard keeps.
std::optional<FileControl> parse_file_control(ByteView data);

}  // namespace kpd::chip
