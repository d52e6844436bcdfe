#include "emvcrypto/afl.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

/// Whether the entry is one that a terminal accepts (EMV 4.4 Book 3, 10.2).
bool is_consistent(const AflEntry& entry) {
  return entry.sfi >= 1 && entry.sfi <= 30 && entry.first >= 1 && entry.last >= entry.first &&
         entry.signed_count <= entry.last - entry.first + 1;
}

}  // namespace

Bytes encode_afl(std::span<const AflEntry> entries) {
  Bytes afl;
  for (const AflEntry& entry : entries) {
    if (!is_consistent(entry)) throw std::invalid_argument("an AFL entry contradicts itself");
    append_number(afl, std::uint64_t{entry.sfi} << 3, 1);
    append(afl, Bytes{entry.first, entry.last, entry.signed_count});
  }
  return afl;
}

Expected<std::vector<AflEntry>> parse_afl(ByteView afl) {
  if (afl.size() % 4 != 0) return fault("afl", "the AFL's length is no multiple of 4");
  std::vector<AflEntry> entries;
  entries.reserve(afl.size() / 4);
  for (; !afl.empty(); afl = afl.subspan(4)) {
    const AflEntry entry{static_cast<std::uint8_t>(afl[0] >> 3), afl[1], afl[2], afl[3]};
    if ((afl[0] & 0x07) != 0 || !is_consistent(entry))
      return fault("afl", "an AFL entry contradicts itself");
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace emvcrypto
