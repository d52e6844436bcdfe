/// A secret value: a clear key, PIN or PIN block for the short time that it must be in memory.
#pragma once

#include <botan/secmem.h>

#include "emvcrypto/bytes.h"

namespace emvcrypto {

/// Bytes that are secret. Locked where the system allows it and wiped when they go; they can be
/// moved but not copied by accident, never printed and never compared in variable time.
class Secret {
 public:
  Secret() = default;
  /// So many zero bytes.
  explicit Secret(std::size_t size);
  /// A copy of these bytes.
  explicit Secret(ByteView bytes);
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&&) noexcept = default;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() = default;

  /// Length in bytes; that much may be known.
  std::size_t size() const { return bytes_.size(); }
  bool empty() const { return bytes_.empty(); }

  /// The clear bytes. Every call is a place to review.
  ByteView expose() const { return bytes_; }
  MutableBytes expose_mutable() { return bytes_; }

  /// A second holder of the same secret, said aloud.
  Secret duplicate() const { return Secret(expose()); }

  /// Equality in time that depends on the length alone.
  bool equals(const Secret& other) const;

  /// Wipes the bytes and leaves an empty secret.
  void wipe();

 private:
  Botan::secure_vector<std::uint8_t> bytes_;
};

}  // namespace emvcrypto
