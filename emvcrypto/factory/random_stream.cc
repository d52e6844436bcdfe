#include "emvcrypto/factory/random_stream.h"

#include <cstring>

namespace emvcrypto::factory {
namespace {

constexpr std::size_t kFillsPerSeed = 256;  // of 4 KiB each

/// 1 when a < b.
std::uint64_t is_below(const Number& a, const Number& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - b[i] - borrow;
    borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  }
  return borrow;
}

}  // namespace

RandomStream::RandomStream(KeyFactory::SeedSource seed)
    : drbg_(botan::make_hmac_drbg(std::move(seed), kFillsPerSeed)), used_(buffer_->bytes.size()) {}

void RandomStream::draw(Number& number, unsigned bits) {
  const std::size_t size = 8 * limbs_of(bits);
  auto& bytes = buffer_->bytes;
  if (bytes.size() - used_ < size) {
    drbg_->fill(bytes);
    used_ = 0;
  }
  number = {};
  std::memcpy(number.data(), bytes.data() + used_, size);
  std::memset(bytes.data() + used_, 0, size);
  used_ += size;
  if (bits % 64 != 0) number[limbs_of(bits) - 1] &= (std::uint64_t{1} << (bits % 64)) - 1;
}

void RandomStream::draw_below(Number& number, const Number& n, unsigned bits) {
  std::uint64_t any = 0;
  do {
    draw(number, bits);
    any = 0;
    for (const std::uint64_t limb : number) any |= limb;
  } while (any == 0 || is_below(number, n) == 0);
}

}  // namespace emvcrypto::factory
