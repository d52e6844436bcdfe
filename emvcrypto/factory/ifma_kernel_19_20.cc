// Kernels for numbers of 19 to 20 limbs. Compiled for AVX-512 IFMA.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::ifma {

const VectorKernels& kernels_19_to_20(unsigned limbs) {
  static constexpr VectorKernels kAll[] = {
      kernels_of<Montgomery<19>>(),
      kernels_of<Montgomery<20>>(),
  };
  return kAll[limbs - 19];
}

}  // namespace emvcrypto::factory::ifma
