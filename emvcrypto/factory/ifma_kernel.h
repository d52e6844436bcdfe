/// Kernels for AVX-512 IFMA. Internal to the key factory; only where has_ifma().
#pragma once

#include "emvcrypto/factory/vector_kernel.h"

namespace emvcrypto::factory::ifma {

inline constexpr unsigned kLimbBits = 52;
inline constexpr unsigned kMostLimbs = 20;

/// Kernels for numbers of 5 to 20 limbs.
const VectorKernels& kernels(unsigned limbs);

// The parts of kernels(), one a file.
const VectorKernels& kernels_5_to_9(unsigned limbs);
const VectorKernels& kernels_10_to_12(unsigned limbs);
const VectorKernels& kernels_13_to_15(unsigned limbs);
const VectorKernels& kernels_16_to_18(unsigned limbs);
const VectorKernels& kernels_19_to_20(unsigned limbs);

}  // namespace emvcrypto::factory::ifma
