#include "emvcrypto/dac.h"

#include <stdexcept>

#include "emvcrypto/derivation.h"

namespace emvcrypto {

Bytes data_authentication_code(BlockCipher& imk_dac, std::string_view pan, std::string_view psn) {
  if (imk_dac.block_size() != 8)
    throw std::invalid_argument("the data authentication code is under a 3DES key");
  Bytes code = udk_diversifier_a(pan, psn);
  imk_dac.encrypt(code);
  code.resize(2);
  return code;
}

}  // namespace emvcrypto
