/// Common factors among many moduli (D. Bernstein, "How to find the smooth parts of integers",
/// 2004; N. Heninger et al., "Mining your Ps and Qs", 2012).
#pragma once

#include <cstddef>
#include <vector>

#include "emvcrypto/bytes.h"

/// The places of the moduli that share a factor with another of them; takes memory of about 35
/// times their size.
std::vector<std::size_t> shared_factors(const std::vector<emvcrypto::Bytes>& moduli);
