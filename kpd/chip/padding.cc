#include "kpd/chip/padding.h"

namespace kpd::chip {

Bytes padded_80(ByteView data, std::size_t block) {
  Bytes result(data.begin(), data.end());
  result.push_back(0x80);
  return padded_zero(result, block);
}

Bytes padded_zero(ByteView data, std::size_t block) {
  Bytes result(data.begin(), data.end());
  result.resize((result.size() + block - 1) / block * block);
  return result;
}

std::optional<ByteView> without_padding_80(ByteView data, std::size_t block) {
  for (std::size_t length = 1; length <= block && length <= data.size(); ++length) {
    const std::uint8_t byte = data[data.size() - length];
    if (byte == 0x80) return data.first(data.size() - length);
    if (byte != 0x00) return std::nullopt;
  }
  return std::nullopt;
}

bool same_bytes(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

}  // namespace kpd::chip
