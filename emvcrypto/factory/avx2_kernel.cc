// Kernels for numbers of all sizes: their loops count limbs. Compiled for AVX2.
#include "emvcrypto/factory/avx2_kernel.h"

#include "emvcrypto/factory/avx2_montgomery.h"
#include "emvcrypto/factory/vector_machine.h"

namespace emvcrypto::factory::avx2 {

const VectorKernels& kernels() {
  static constexpr VectorKernels kAll = kernels_of<Montgomery>();
  return kAll;
}

}  // namespace emvcrypto::factory::avx2
