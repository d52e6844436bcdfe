/// The head of a module in a card file; internal to this folder.
#pragma once

#include "cps/card_file.h"

namespace cps {

inline constexpr std::size_t kMicSize = 4;
inline constexpr std::size_t kLccaSize = 7;
inline constexpr std::size_t kModuleHeadSize = kMicSize + kLccaSize;

/// Identifier and length of a module.
struct ModuleHead {
  std::string mic;
  std::size_t length = 0;
};

/// head: kModuleHeadSize bytes. Fault "card-file", also for a length over kMaxModuleContent.
Expected<ModuleHead> parse_module_head(ByteView head);

}  // namespace cps
