// Kernels for numbers of 5 to 9 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::ifma {

const VectorKernels& kernels_5_to_9(unsigned limbs) {
  static constexpr VectorKernels kAll[] = {
      kernels_of<Montgomery<5>>(), kernels_of<Montgomery<6>>(), kernels_of<Montgomery<7>>(),
      kernels_of<Montgomery<8>>(), kernels_of<Montgomery<9>>(),
  };
  return kAll[limbs - 5];
}

}  // namespace emvcrypto::factory::ifma
