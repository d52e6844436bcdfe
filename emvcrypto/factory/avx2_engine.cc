// The engine for AVX2. Compiled for every processor.
#include "emvcrypto/factory/avx2_kernel.h"
#include "emvcrypto/factory/vector_engine.h"

namespace emvcrypto::factory {

std::unique_ptr<LaneEngine> make_avx2_engine(unsigned bits) {
  using Engine = VectorEngine<avx2::kLimbBits, avx2::kMostLimbs>;
  return std::make_unique<Engine>(bits, avx2::kernels());
}

bool has_avx2() {
  return __builtin_cpu_supports("avx2");
}

}  // namespace emvcrypto::factory
