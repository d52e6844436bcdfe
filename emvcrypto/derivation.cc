#include "emvcrypto/derivation.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cvv.h"
#include "emvcrypto/hash.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kKeyDataSize = 10;

/// PAN | PSN as digits.
std::string pan_and_psn(std::string_view pan, std::string_view psn) {
  constexpr std::string_view kDigits = "0123456789";
  if (pan.empty() || pan.size() > 19 || pan.find_first_not_of(kDigits) != std::string_view::npos)
    throw std::invalid_argument("a key is derived from a PAN of 1 to 19 digits");
  if (psn.size() != 2 || psn.find_first_not_of(kDigits) != std::string_view::npos)
    throw std::invalid_argument("a key is derived from a PAN sequence number of 2 digits");
  return std::string(pan) + std::string(psn);
}

/// The rightmost 16 digits, zeros on the left.
Bytes rightmost_16(std::string_view digits) {
  return numeric(digits.substr(digits.size() > 16 ? digits.size() - 16 : 0), 8);
}

Bytes complement(ByteView bytes) {
  return exclusive_or(bytes, Bytes(bytes.size(), 0xFF));
}

Bytes kdc_input(ByteView diversifier, CardKey key) {
  const auto number = static_cast<std::uint8_t>(key);
  return concat({diversifier, Bytes{0xF0, number}, diversifier, Bytes{0x0F, number}});
}

void require_key_data(ByteView key_data) {
  if (key_data.size() != kKeyDataSize) throw std::invalid_argument("KEYDATA has 10 bytes");
}

}  // namespace

Bytes udk_diversifier_a(std::string_view pan, std::string_view psn) {
  return rightmost_16(pan_and_psn(pan, psn));
}

Bytes udk_diversifier_b(std::string_view pan, std::string_view psn) {
  const std::string digits = pan_and_psn(pan, psn);
  if (pan.size() <= 16) return rightmost_16(digits);
  return from_hex(decimalise(sha1({numeric(digits, (digits.size() + 1) / 2)}), 16));
}

Bytes udk_diversifier_c(std::string_view pan, std::string_view psn) {
  return numeric(pan_and_psn(pan, psn), 16);
}

Bytes udk_input(UdkOption option, std::string_view pan, std::string_view psn, std::size_t size) {
  const bool longer = option == UdkOption::c && (size == 24 || size == 32);
  if (size != 16 && !longer)
    throw std::invalid_argument("a card key has 16 bytes; by option C also 24 or 32");
  if (option == UdkOption::c && !longer) return udk_diversifier_c(pan, psn);
  const Bytes y = option == UdkOption::a   ? udk_diversifier_a(pan, psn)
                  : option == UdkOption::b ? udk_diversifier_b(pan, psn)
                                           : udk_diversifier_c(pan, psn);
  return concat({y, complement(y)});
}

Secret derive_udk(BlockCipher& imk, UdkOption option, std::string_view pan, std::string_view psn,
                  std::size_t size) {
  if (imk.block_size() != (option == UdkOption::c ? 16U : 8U))
    throw std::invalid_argument("options A and B are over 3DES, option C is over AES");
  Secret udk(udk_input(option, pan, psn, size));
  imk.encrypt(udk.expose_mutable());
  if (option != UdkOption::c) set_odd_parity(udk.expose_mutable());
  return size == udk.size() ? std::move(udk) : Secret(udk.expose().first(size));
}

Bytes kdc_input_cps(ByteView key_data, CardKey key) {
  require_key_data(key_data);
  return kdc_input(key_data.last(6), key);
}

Bytes kdc_input_split(ByteView key_data, CardKey key) {
  require_key_data(key_data);
  return kdc_input(concat({key_data.first(2), key_data.subspan(4, 4)}), key);
}

}  // namespace emvcrypto
