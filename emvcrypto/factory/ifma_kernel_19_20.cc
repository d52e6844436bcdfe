// Kernels for numbers of 19 to 20 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_tests.h"

namespace emvcrypto::factory::ifma {

const Kernels& kernels_19_to_20(unsigned limbs) {
  static constexpr Kernels kAll[] = {
      kernels_of<19>(),
      kernels_of<20>(),
  };
  return kAll[limbs - 19];
}

}  // namespace emvcrypto::factory::ifma
