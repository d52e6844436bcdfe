// Kernels for numbers of 16 to 18 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::ifma {

const VectorKernels& kernels_16_to_18(unsigned limbs) {
  static constexpr VectorKernels kAll[] = {
      kernels_of<Montgomery<16>>(),
      kernels_of<Montgomery<17>>(),
      kernels_of<Montgomery<18>>(),
  };
  return kAll[limbs - 16];
}

}  // namespace emvcrypto::factory::ifma
