/// RSA as EMV uses it: the raw function on numbers of the modulus' length (EMV 4.4 Book 2, B2.1).
#pragma once

#include <memory>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// A public key; both numbers big-endian, the modulus without leading zero bytes.
struct RsaPublicKey {
  Bytes modulus;
  Bytes exponent;

  std::size_t size() const { return modulus.size(); }
  bool operator==(const RsaPublicKey&) const = default;
};

/// The five CRT parts of a private key (EMV CPS, DGI 8201-8205): each big-endian, half the
/// modulus' length, left-padded with zero bytes.
struct RsaPrivateCrt {
  Secret p, q, dp, dq, qinv;
};

/// block^e mod n for a block as long as the modulus; the result has the same length. Throws
/// std::invalid_argument when the block is not that long or not below the modulus.
Bytes rsa_recover(const RsaPublicKey& key, ByteView block);

/// A private key's raw function. The key may be in this process or in an HSM.
class RsaSigner {
 public:
  virtual ~RsaSigner() = default;
  virtual const RsaPublicKey& public_key() const = 0;

  /// block^d mod n for each block; each as long as the modulus and below it.
  virtual std::vector<Bytes> sign_raw(std::span<const Bytes> blocks) = 0;
};

/// A signer over CRT parts in this process (virtual chips, tests). Throws std::invalid_argument
/// when the parts do not belong to the public key.
std::unique_ptr<RsaSigner> make_rsa_signer(const RsaPublicKey& key, const RsaPrivateCrt& crt);

}  // namespace emvcrypto
