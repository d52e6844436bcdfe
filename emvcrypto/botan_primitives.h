/// The only door to Botan: what differs between Botan 2 and Botan 3 stays behind it.
/// Internal to emvcrypto.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace emvcrypto::botan {

/// A keyed block cipher of Botan's.
class Cipher {
 public:
  virtual ~Cipher() = default;
  virtual std::size_t block_size() const = 0;
  virtual void encrypt(MutableBytes blocks) = 0;
  virtual void decrypt(MutableBytes blocks) = 0;
};
std::unique_ptr<Cipher> make_cipher(const std::string& name, ByteView key);

/// base^exponent mod modulus, of the modulus' length.
Bytes power_mod(ByteView base, ByteView exponent, ByteView modulus);

/// Whether a < b as big-endian numbers.
bool less(ByteView a, ByteView b);

/// One private-key operation by the CRT; all numbers big-endian.
class CrtKey {
 public:
  virtual ~CrtKey() = default;
  virtual Bytes sign(ByteView block, std::size_t size) const = 0;
};
std::unique_ptr<CrtKey> make_crt_key(ByteView modulus, ByteView exponent, ByteView p, ByteView q,
                                     ByteView dp, ByteView dq, ByteView qinv);

/// A hash function in pieces.
class Hash {
 public:
  virtual ~Hash() = default;
  virtual void update(ByteView piece) = 0;
  virtual Bytes finish() = 0;
};
std::unique_ptr<Hash> make_hash(const std::string& name);

/// HMAC or CMAC by Botan's name ("HMAC(SHA-256)", "CMAC(AES-256)") of the whole message.
Bytes mac(const std::string& name, ByteView key, ByteView message);

/// AES-256/GCM under one key and in one direction; `process` gives nothing when a tag does not fit.
class Gcm {
 public:
  virtual ~Gcm() = default;
  virtual std::optional<Bytes> process(ByteView nonce, ByteView associated, ByteView input) = 0;
  /// The same; what comes out stays in locked memory.
  virtual std::optional<Secret> process_secret(ByteView nonce, ByteView associated,
                                               ByteView input) = 0;
};
std::unique_ptr<Gcm> make_gcm(ByteView key, bool seal);

/// A deterministic generator of random bytes over a source of seeds.
class Drbg {
 public:
  virtual ~Drbg() = default;
  virtual void fill(MutableBytes out) = 0;
};
/// HMAC_DRBG with SHA-256 (SP 800-90A, 10.1.2), seeded with 48 bytes of `seed` and again with 32
/// after every `interval` calls of fill; an exception of `seed` passes through.
std::unique_ptr<Drbg> make_hmac_drbg(std::function<void(MutableBytes)> seed, std::size_t interval);

/// Random bytes of the system's generator.
void random(MutableBytes out);

}  // namespace emvcrypto::botan
