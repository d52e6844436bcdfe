#include "emvcrypto/cvc3.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kCode = 2;

}  // namespace

Bytes ivcvc3(const RetailMacKey& key, ByteView static_track) {
  const Bytes mac = retail_mac(key, pad_80(static_track, kBlock));
  return Bytes(mac.end() - kCode, mac.end());
}

Bytes cvc3(BlockCipher& key, ByteView ivcvc3, ByteView unpredictable, ByteView atc) {
  if (ivcvc3.size() != kCode || unpredictable.size() != 4 || atc.size() != 2)
    throw std::invalid_argument("a CVC3 is over IVCVC3, unpredictable number and ATC");
  Bytes block = concat({ivcvc3, unpredictable, atc});
  key.encrypt(block);
  return Bytes(block.end() - kCode, block.end());
}

}  // namespace emvcrypto
