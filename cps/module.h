/// The parts of one card in a card file: named contents, one for each module of the machine.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;

struct Module {
  std::string mic;  ///< 4 characters; in files of lines the field's name
  Bytes content;
  bool operator==(const Module&) const = default;
};

/// Modules that every card has, whatever the file's format.
inline constexpr std::string_view kReferenceMic = "$REF";  ///< the back office's record id
inline constexpr std::string_view kTypeMic = "$TYP";       ///< product: selects what a machine does

/// The content of the module with this MIC, or nothing.
const Bytes* find_module(std::span<const Module> modules, std::string_view mic);

}  // namespace cps
