#include "kpd/calc/rsa_keys.h"

#include <algorithm>

namespace kpd::calc {

using emvcrypto::RsaPublicKey;

Expected<RsaPublicKey> public_key(const Arguments& arguments, std::string_view modulus,
                                  std::string_view exponent) {
  const ByteView n = arguments.bytes(modulus);
  const ByteView e = arguments.bytes(exponent);
  if (n.front() < 0x80 || n.back() % 2 == 0)
    return usage(std::string(modulus) +
                 ": a modulus is odd and its first bit is set: this is none");
  if (e.back() % 2 == 0 || emvcrypto::to_number(e) < 3)
    return usage(std::string(exponent) + ": an odd number from 3 on is wanted");
  return RsaPublicKey{Bytes(n.begin(), n.end()), Bytes(e.begin(), e.end())};
}

Expected<Bytes> open_block(const RsaPublicKey& key, ByteView block) {
  if (block.size() != key.size())
    return emvcrypto::fault("cert-length", "what is to be opened is not as long as the modulus");
  if (!std::ranges::lexicographical_compare(block, key.modulus))
    return emvcrypto::fault("cert-length", "what is to be opened is not below the modulus");
  return emvcrypto::rsa_recover(key, block);
}

Expected<Bytes> sign(const RsaPublicKey& key, const Secret& private_exponent, ByteView block) {
  const ByteView d = private_exponent.expose();
  const RsaPublicKey inverse{key.modulus, Bytes(d.begin(), d.end())};
  Bytes signature = emvcrypto::rsa_recover(inverse, block);
  if (!std::ranges::equal(emvcrypto::rsa_recover(key, signature), block))
    return usage("private: it does not belong to the modulus and its exponent");
  return signature;
}

}  // namespace kpd::calc
