#include "kpd/keys/retail_key.h"

#include <array>
#include <stdexcept>

#include "kpd/keys/hsm_cipher.h"

namespace kpd {

emvcrypto::RetailMacKey derived_retail_key(std::shared_ptr<hsm::Token> token,
                                           const hsm::Key& master, emvcrypto::ByteView input16) {
  if (input16.size() != 16) throw std::invalid_argument("a double-length key needs two blocks");
  const emvcrypto::ByteView left_block = input16.first(8);
  const std::array<emvcrypto::Bytes, 2> inputs{
      emvcrypto::Bytes(input16.begin(), input16.end()),
      emvcrypto::concat({left_block, left_block, left_block})};
  hsm::Usage usage;
  usage.encrypt = true;
  const auto keys = token->derive(master, inputs, hsm::Token::DeriveMode::ecb, usage);
  return {std::make_unique<HsmCipher>(token, keys.at(1)),
          std::make_unique<HsmCipher>(token, keys.at(0))};
}

}  // namespace kpd
