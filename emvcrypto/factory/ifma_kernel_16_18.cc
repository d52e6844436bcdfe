// Kernels for numbers of 16 to 18 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_tests.h"

namespace emvcrypto::factory::ifma {

const Kernels& kernels_16_to_18(unsigned limbs) {
  static constexpr Kernels kAll[] = {
      kernels_of<16>(),
      kernels_of<17>(),
      kernels_of<18>(),
  };
  return kAll[limbs - 16];
}

}  // namespace emvcrypto::factory::ifma
