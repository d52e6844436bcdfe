// The engine for AVX-512 IFMA. Compiled for every processor.
#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/vector_engine.h"

namespace emvcrypto::factory {
namespace ifma {

const VectorKernels& kernels(unsigned limbs) {
  if (limbs <= 9) return kernels_5_to_9(limbs);
  if (limbs <= 12) return kernels_10_to_12(limbs);
  if (limbs <= 15) return kernels_13_to_15(limbs);
  return limbs <= 18 ? kernels_16_to_18(limbs) : kernels_19_to_20(limbs);
}

}  // namespace ifma

std::unique_ptr<LaneEngine> make_ifma_engine(unsigned bits) {
  using Engine = VectorEngine<ifma::kLimbBits, ifma::kMostLimbs>;
  return std::make_unique<Engine>(bits, ifma::kernels(vector_limbs(bits, ifma::kLimbBits)));
}

bool has_ifma() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512ifma");
}

}  // namespace emvcrypto::factory
