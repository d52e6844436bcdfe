#include "emvcrypto/key_variant.h"

#include <stdexcept>

namespace emvcrypto {

Secret key_variant(const Secret& key, unsigned variant) {
  constexpr std::size_t kPart = 8;
  if (key.empty() || key.size() % kPart != 0 || key.size() > 3 * kPart || variant > 31)
    throw std::invalid_argument("variants 0 to 31 are of DES keys of 8, 16 or 24 bytes");
  Secret changed = key.duplicate();
  for (std::size_t at = 0; at < changed.size(); at += kPart)
    changed.expose_mutable()[at] ^= static_cast<std::uint8_t>(variant * 8);
  return changed;
}

}  // namespace emvcrypto
