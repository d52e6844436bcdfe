#include "kpd/chip/dol.h"

namespace kpd::chip {

std::optional<std::size_t> dol_data_length(ByteView dol) {
  const auto entries = emvcrypto::parse_dol(dol);
  if (!entries) return std::nullopt;
  std::size_t length = 0;
  for (const auto& entry : *entries) length += entry.length;
  return length;
}

bool take_dol_data(ByteView dol, ByteView data, std::map<emvcrypto::Tag, Bytes>& values) {
  const auto entries = emvcrypto::parse_dol(dol);
  if (!entries || dol_data_length(dol) != data.size()) return false;
  for (const auto& entry : *entries) {
    const ByteView value = data.first(entry.length);
    values[entry.tag] = Bytes(value.begin(), value.end());
    data = data.subspan(entry.length);
  }
  return true;
}

}  // namespace kpd::chip
