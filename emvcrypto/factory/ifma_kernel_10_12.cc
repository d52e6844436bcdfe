// Kernels for numbers of 10 to 12 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::ifma {

const VectorKernels& kernels_10_to_12(unsigned limbs) {
  static constexpr VectorKernels kAll[] = {
      kernels_of<Montgomery<10>>(),
      kernels_of<Montgomery<11>>(),
      kernels_of<Montgomery<12>>(),
  };
  return kAll[limbs - 10];
}

}  // namespace emvcrypto::factory::ifma
