#include "kpd/intake/packed_texts.h"

namespace kpd {

constexpr std::size_t kLengthSize = 4;

emvcrypto::Bytes pack(std::span<const std::string_view> texts) {
  emvcrypto::Bytes packed;
  for (std::string_view text : texts) {
    emvcrypto::append_number(packed, text.size(), kLengthSize);
    emvcrypto::append(packed, emvcrypto::as_bytes(text));
  }
  return packed;
}

std::vector<std::string> unpack(emvcrypto::ByteView packed) {
  std::vector<std::string> texts;
  while (packed.size() >= kLengthSize) {
    const std::size_t size = emvcrypto::to_number(packed.first(kLengthSize));
    texts.emplace_back(emvcrypto::as_text(packed.subspan(kLengthSize, size)));
    packed = packed.subspan(kLengthSize + size);
  }
  return texts;
}

}  // namespace kpd
