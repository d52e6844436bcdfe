#include "emvcrypto/cvc3.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kCode = 2;
constexpr std::size_t kDecimalDigits = 5;

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

Bytes static_cvc3(BlockCipher& key, ByteView ivcvc3) {
  return cvc3(key, ivcvc3, Bytes(4), Bytes(2));
}

std::string cvc3_digits(ByteView cvc3, std::size_t digits) {
  if (cvc3.size() != kCode || digits == 0 || digits > kDecimalDigits)
    throw std::invalid_argument("a CVC3 has 2 bytes, shown as 1 to 5 digits");
  std::string text = std::to_string(to_number(cvc3));
  text.insert(0, kDecimalDigits - text.size(), '0');
  return text.substr(kDecimalDigits - digits);
}

}  // namespace emvcrypto
