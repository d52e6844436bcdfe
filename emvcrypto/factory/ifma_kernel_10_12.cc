// Kernels for numbers of 10 to 12 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_tests.h"

namespace emvcrypto::factory::ifma {

const Kernels& kernels_10_to_12(unsigned limbs) {
  static constexpr Kernels kAll[] = {
      kernels_of<10>(),
      kernels_of<11>(),
      kernels_of<12>(),
  };
  return kAll[limbs - 10];
}

}  // namespace emvcrypto::factory::ifma
