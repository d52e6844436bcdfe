/// What one record may take: whatever a file holds, memory stays bounded.
#pragma once

#include <cstddef>

namespace kpd {

constexpr std::size_t kMaxRecord = 1024 * 1024;  ///< bytes of one record, also of one line
constexpr std::size_t kMaxRowLines = 16;         ///< csv: lines of one row
constexpr std::size_t kMaxDepth = 32;            ///< xml, jsonl: levels of a document

}  // namespace kpd
