/// What writer and reader of lines share; internal to this folder.
#pragma once

#include "cps/line_layout.h"

namespace cps {

/// The longest line, with its end, that is written or read.
inline constexpr std::size_t kMaxLine = std::size_t{4} << 20;

/// Whether a reader must get back exactly what was written: the chip, references, the product.
/// Other fields of fixed width are for machines, which know what fill is.
bool must_come_back(const LineField& field);

/// ASCII control characters, which no value holds.
bool is_control(char c);

}  // namespace cps
