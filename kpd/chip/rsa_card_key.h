/// An RSA private key as it reaches a chip: in parts, enciphered and perhaps padded.
#pragma once

#include <array>
#include <functional>
#include <optional>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Secret;

/// A private key of 8101/8103 (exponent and modulus) or 8201-8205 (CRT parts), or of 8102/8104 or
/// 8301-8305 for PIN encipherment (EMV CPS 1.1, Annex A).
///
/// A part may come at its own length or padded with 80 00* to a multiple of 8 or 16. The odd
/// numbers (p, q, modulus, both private exponents) show it by their last bit; the length of p and q
/// is that of the other CRT parts, which are left-padded with zeros to it.
class RsaCardKey {
 public:
  enum class Part { exponent, modulus, qinv, dq, dp, q, p };

  void load(Part part, ByteView value);

  /// Whether any part has come.
  bool is_begun() const;

  /// Makes the key ready. False when parts are missing or do not belong to one key with this public
  /// exponent, or when the modulus does not begin with a 1 bit.
  bool build(ByteView public_exponent);

  bool is_ready() const { return static_cast<bool>(function_); }

  /// Length of the modulus in bytes; 0 before it is ready.
  std::size_t size() const { return size_; }

  /// block^d mod n of a block as long as the modulus; nothing when it is not below it.
  std::optional<Bytes> apply(ByteView block) const;

 private:
  const Secret& part(Part which) const { return parts_[static_cast<std::size_t>(which)]; }
  bool build_from_exponent(ByteView public_exponent);
  bool build_from_crt(ByteView public_exponent);

  std::array<Secret, 7> parts_;
  Bytes modulus_;
  std::size_t size_ = 0;
  std::function<Bytes(ByteView)> function_;
};

}  // namespace kpd::chip
