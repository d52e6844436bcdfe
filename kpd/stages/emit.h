/// Stage `emit`: CPS records with their MACs, and beside them the fields of the machine's other
/// modules, in one card file of the job's format (cps/card_encoder.h).
#pragma once

#include <memory>
#include <ostream>

#include "cps/card_encoder.h"
#include "emvcrypto/hash.h"
#include "kpd/keys/record_mac.h"
#include "kpd/stages/chunk.h"

namespace kpd {

class Emit {
 public:
  /// Writes the header. transport_keys: as the preparing stage wrapped them; run: 16 bytes;
  /// generation: as the journal gives it, part of each CRN.
  Emit(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows, std::ostream& out,
       ByteView run, std::uint16_t generation, std::span<const cps::WrappedKey> transport_keys);

  /// Lays the cards out for write(). Those that the format cannot hold become rejects of the chunk;
  /// not a byte of them is written. Any number of threads may work on chunks.
  void run(Chunk& chunk);

  /// Writes the chunk's cards; one call at a time.
  void write(Chunk& chunk);

  /// Writes the trailer: counts, digest and its MAC.
  void finish(std::uint64_t read, std::uint64_t rejected);

  std::uint64_t records() const { return records_; }
  const std::string& digest() const { return trailer_.digest; }

 private:
  cps::FileHeader make_header(hsm::Token& token, ByteView run,
                              std::span<const cps::WrappedKey> transport_keys) const;
  void add_macs(std::vector<cps::CardContent>& cards, ChunkFaults& faults);
  emvcrypto::Expected<cps::CardContent> make_content(const pb::Card& card) const;
  void write_bytes(ByteView bytes);

  const Plan& plan_;
  std::uint16_t generation_;
  std::ostream& out_;
  RecordMac mac_;
  Bytes mac_key_;                    ///< enciphered; empty when the profile wants no MAC
  std::vector<cps::Record> frames_;  ///< as Plan::cards
  std::unique_ptr<cps::CardEncoder> encoder_;
  emvcrypto::Sha256 digest_;
  std::uint64_t records_ = 0;
  cps::FileTrailer trailer_;
};

}  // namespace kpd
