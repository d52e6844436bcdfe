// Kernels for numbers of 13 to 15 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_tests.h"

namespace emvcrypto::factory::ifma {

const Kernels& kernels_13_to_15(unsigned limbs) {
  static constexpr Kernels kAll[] = {
      kernels_of<13>(),
      kernels_of<14>(),
      kernels_of<15>(),
  };
  return kAll[limbs - 13];
}

}  // namespace emvcrypto::factory::ifma
