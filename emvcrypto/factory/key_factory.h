/// RSA pairs for cards, made in this process: fast, in locked memory, from a generator of the
/// caller's. docs/key-factory.md says how and what it is worth.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "emvcrypto/rsa.h"

namespace emvcrypto {

/// What the arithmetic runs on; the pairs have the same rule and distribution on each.
enum class FactoryPath {
  automatic,  ///< the fastest that this processor has
  ifma,       ///< eight candidates at once in AVX-512 IFMA lanes
  avx2,       ///< the same in AVX2 lanes
  portable,   ///< GMP, on every processor
};

/// All paths but `automatic`, the fastest first, and what they are called.
inline constexpr std::pair<FactoryPath, const char*> kFactoryPaths[] = {
    {FactoryPath::ifma, "ifma"},
    {FactoryPath::avx2, "avx2"},
    {FactoryPath::portable, "portable"},
};

/// Whether this processor can take the path.
bool factory_has(FactoryPath path);

/// What kind of pair is wanted.
struct RsaShape {
  unsigned bits = 1152;     ///< of the modulus exactly; 512 to 2048 in steps of 8
  unsigned exponent = 3;    ///< 3 or 65537
  bool full_parts = false;  ///< no CRT part may begin with a zero byte
  bool operator==(const RsaShape&) const = default;
};

/// A pair. p > q, and the parts are left-padded to half the modulus' length, rounded up.
struct RsaKeyPair {
  RsaPublicKey public_key;
  RsaPrivateCrt crt;
};

/// Makes RSA pairs. One thread at a time; not across a fork.
class KeyFactory {
 public:
  /// Fills its argument with bytes of full entropy, from a device's generator say. It may throw.
  using SeedSource = std::function<void(MutableBytes)>;

  /// Seeds an HMAC_DRBG (SP 800-90A, SHA-256) from `seed`, and again after every MiB of its output.
  /// Throws std::invalid_argument when the processor has not the path.
  explicit KeyFactory(SeedSource seed, FactoryPath path = FactoryPath::automatic);
  KeyFactory(KeyFactory&&) noexcept;
  KeyFactory& operator=(KeyFactory&&) noexcept;
  ~KeyFactory();

  /// The path taken; never `automatic`.
  FactoryPath path() const;

  /// So many pairs, each checked. Many at once cost less than many calls, since eight candidates
  /// are always under way; what is left over of a shape serves its next call. Throws
  /// std::invalid_argument on a shape that it does not make, std::logic_error after a fork,
  /// std::runtime_error when a pair fails its check: then this machine is not to be trusted.
  std::vector<RsaKeyPair> make(const RsaShape& shape, std::size_t count);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace emvcrypto
