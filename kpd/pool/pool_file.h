/// One file of the pool: card RSA pairs of one shape, made ahead, each sealed.
///
/// "KPDP" | version 1 | length(2) | head: protobuf PoolHead, in clear | pairs. A pair is its
/// numbers one after the other (modulus, p, q, dp, dq, qinv, each of the length that the shape
/// gives) under AES-256/GCM with the file's own data key, which the head carries sealed by the
/// storage key in the HSM. Nonce: the pair's number; associated data: the head without its sealed
/// key and the number of pairs (who can write there can take pairs away, and make none come twice).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/aead.h"
#include "emvcrypto/dates.h"
#include "emvcrypto/factory/key_factory.h"
#include "hsm/token.h"
#include "kpd/pool/pool.pb.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// What the name of a file says.
struct PoolEntry {
  std::filesystem::path file;
  emvcrypto::RsaShape shape;
  emvcrypto::Date made;
  std::size_t pairs = 0;
  std::string id;  ///< 32 hexadecimal digits by chance
};

/// "1152-3-2026-11-30-512-<id>.pairs"; with "full" behind the exponent for full parts.
std::string pool_file_name(const PoolEntry& entry);
/// Nothing for a name that is none of these.
std::optional<PoolEntry> read_pool_file_name(const std::filesystem::path& file);

/// A new file. Pairs are sealed as they come, so that few are in clear at a time.
class PoolFileWriter {
 public:
  /// source: "hsm" or "factory". storage: an AES key that seals.
  PoolFileWriter(const emvcrypto::RsaShape& shape, const std::string& source,
                 const emvcrypto::Date& made, hsm::Token& token, const hsm::Key& storage);

  void add(const emvcrypto::RsaKeyPair& pair);
  std::size_t pairs() const { return head_.pairs(); }

  /// The file, there whole or not at all, on the disk when this returns. Throws Failure(io).
  PoolEntry write(const std::filesystem::path& folder) const;

 private:
  emvcrypto::RsaShape shape_;
  pb::PoolHead head_;
  Bytes associated_;
  Bytes sealed_;
  std::optional<emvcrypto::Aead> aead_;
};

/// A file in memory, still sealed; its pairs come one by one.
class PoolFile {
 public:
  /// Opens its data key. Throws Failure(io) when it cannot be read, Failure(hold) when it is
  /// damaged, its name is another's or it was sealed by another storage key; hsm::Error or
  /// hsm::SetupError when the device does not open it.
  PoolFile(PoolEntry entry, hsm::Token& token, const hsm::Key& storage);

  const PoolEntry& entry() const { return entry_; }
  const std::string& source() const { return head_.source(); }

  std::size_t left() const { return entry_.pairs - next_; }
  /// Throws Failure(hold) for a pair that was changed.
  emvcrypto::RsaKeyPair next();

 private:
  PoolEntry entry_;
  pb::PoolHead head_;
  Bytes associated_;
  Bytes sealed_;  ///< all pairs
  std::size_t next_ = 0;
  std::optional<emvcrypto::Aead> aead_;  ///< there once this is made
};

}  // namespace kpd
