#include "emvcrypto/key_check.h"

#include <algorithm>

#include "emvcrypto/des_key_check.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kPart = 8;
constexpr std::uint8_t kWithoutParity = 0xFE;

bool is_same_part(ByteView part, ByteView other) {
  return std::ranges::equal(part, other, [](std::uint8_t a, std::uint8_t b) {
    return (a & kWithoutParity) == (b & kWithoutParity);
  });
}

}  // namespace

Expected<void> check_des_key(const Secret& key) {
  const ByteView bytes = key.expose();
  if (bytes.size() != kPart && bytes.size() != 2 * kPart && bytes.size() != 3 * kPart)
    return fault("key-length", "a DES key has 8, 16 or 24 bytes");
  for (std::size_t at = 0; at < bytes.size(); at += kPart)
    if (is_weak_des_part(bytes.subspan(at, kPart)))
      return fault("key-weak", "a part of the key is a weak or semi-weak DES key");
  for (std::size_t at = kPart; at < bytes.size(); at += kPart)
    for (std::size_t before = 0; before < at; before += kPart)
      if (is_same_part(bytes.subspan(at, kPart), bytes.subspan(before, kPart)))
        return fault("key-parts", "two parts of the key are equal: it is a shorter key");
  return {};
}

Expected<void> check_aes_key(const Secret& key) {
  const ByteView bytes = key.expose();
  if (bytes.size() != 16 && bytes.size() != 24 && bytes.size() != 32)
    return fault("key-length", "an AES key has 16, 24 or 32 bytes");
  if (std::ranges::all_of(bytes, [&](std::uint8_t b) { return b == bytes[0]; }))
    return fault("key-weak", "all bytes of the key are equal");
  const std::size_t half = bytes.size() / 2;
  if (std::ranges::equal(bytes.first(half), bytes.last(half)))
    return fault("key-parts", "the key's halves are equal");
  return {};
}

}  // namespace emvcrypto
