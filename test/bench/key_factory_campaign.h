/// Many pairs of the key factory under statistics and proofs.
#pragma once

#include "emvcrypto/factory/key_factory.h"

/// Makes so many pairs and prints what they show: factors shared by moduli, primes that another
/// library refuses, residues, leading bits, the least |p - q|. Returns whether all is well.
bool campaign(emvcrypto::KeyFactory& factory, const emvcrypto::RsaShape& shape, std::size_t count);
