#include "emvcrypto/factory/lane_engine.h"

#include <bit>

#include "emvcrypto/factory/prime_rules.h"

namespace emvcrypto::factory {

std::unique_ptr<LaneEngine> make_engine(FactoryPath path, unsigned bits) {
  if (path == FactoryPath::ifma) return make_ifma_engine(bits);
  if (path == FactoryPath::avx2) return make_avx2_engine(bits);
  return make_portable_engine(bits);
}

OddPart odd_part(const Number& candidate, std::size_t limbs, Number& exponent) {
  const std::uint64_t guard = std::uint64_t{1} << kMaxTwos;
  const std::uint64_t low = candidate[0] ^ 1;  // the candidate is odd
  const auto twos = static_cast<unsigned>(std::countr_zero(low | guard));
  exponent = {};
  for (std::size_t i = 0; i < limbs; ++i) {
    const std::uint64_t here = i == 0 ? low : candidate[i];
    const std::uint64_t above = i + 1 < limbs ? candidate[i + 1] : 0;
    exponent[i] = here >> twos | above << (64 - twos);  // twos is 1..16
  }
  return {twos, mask_of(1 ^ is_zero(low & (2 * guard - 1)))};
}

}  // namespace emvcrypto::factory
