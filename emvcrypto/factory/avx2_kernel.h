/// Kernels for AVX2. Internal to the key factory; only where has_avx2().
#pragma once

#include "emvcrypto/factory/vector_kernel.h"

namespace emvcrypto::factory::avx2 {

/// A sum of the products of two numbers of 37 such limbs, twice over, has 63 bits.
inline constexpr unsigned kLimbBits = 28;
inline constexpr unsigned kMostLimbs = 37;

/// Kernels for numbers of 10 to 37 limbs.
const VectorKernels& kernels();

}  // namespace emvcrypto::factory::avx2
