// Kernels for numbers of 13 to 15 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::ifma {

const VectorKernels& kernels_13_to_15(unsigned limbs) {
  static constexpr VectorKernels kAll[] = {
      kernels_of<Montgomery<13>>(),
      kernels_of<Montgomery<14>>(),
      kernels_of<Montgomery<15>>(),
  };
  return kAll[limbs - 13];
}

}  // namespace emvcrypto::factory::ifma
