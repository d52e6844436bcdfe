/// RSA keys among a function's arguments.
#pragma once

#include "emvcrypto/rsa.h"
#include "kpd/calc/function.h"

namespace kpd::calc {

/// Sizes of a modulus: 512 to 1984 bits (EMV 4.4 Book 2, B2.1 ends there).
inline constexpr std::size_t kLeastModulus = 64, kMostModulus = 248;

constexpr Parameter modulus(std::string_view name, std::string_view help) {
  return hex(name, help).sized(kLeastModulus, kMostModulus);
}
constexpr Parameter exponent(std::string_view name, std::string_view help) {
  return hex(name, help).sized(1, 3).or_else("03");
}
constexpr Parameter private_exponent() {
  return key("private", "Private exponent that belongs to the modulus").sized(1, kMostModulus);
}

/// The public key of two parameters. Fault "usage" when they are none: a leading zero byte, an even
/// number.
Expected<emvcrypto::RsaPublicKey> public_key(const Arguments& arguments, std::string_view modulus,
                                             std::string_view exponent);

/// block^d mod n, compared with the block by way of the public key: fault "usage" when the private
/// exponent is another key's.
Expected<Bytes> sign(const emvcrypto::RsaPublicKey& key, const Secret& private_exponent,
                     ByteView block);

/// block^e mod n. Fault "cert-length" when the block is not as long as the modulus or not below it.
Expected<Bytes> open_block(const emvcrypto::RsaPublicKey& key, ByteView block);

}  // namespace kpd::calc
