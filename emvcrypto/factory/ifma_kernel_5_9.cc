// Kernels for numbers of 5 to 9 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_tests.h"

namespace emvcrypto::factory::ifma {

const Kernels& kernels_5_to_9(unsigned limbs) {
  static constexpr Kernels kAll[] = {
      kernels_of<5>(), kernels_of<6>(), kernels_of<7>(), kernels_of<8>(), kernels_of<9>(),
  };
  return kAll[limbs - 5];
}

}  // namespace emvcrypto::factory::ifma
