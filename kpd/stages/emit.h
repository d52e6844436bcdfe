/// Stage `emit`: CPS records with their MACs, and beside them the fields of the machine's other
/// modules, in one card file (cps/card_file.h).
#pragma once

#include <memory>
#include <ostream>

#include "cps/card_file.h"
#include "kpd/keys/record_mac.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// Module identifiers that every card has.
inline constexpr std::string_view kReferenceMic = "$REF";  ///< the back office's record id
inline constexpr std::string_view kTypeMic = "$TYP";       ///< product: selects what a machine does

class Emit {
 public:
  /// Writes the header. transport_keys: as the preparing stage wrapped them; run: 16 bytes;
  /// generation: as the journal gives it, part of each CRN.
  Emit(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows, std::ostream& out,
       ByteView run, std::uint16_t generation, std::span<const cps::WrappedKey> transport_keys);

  void run(const Chunk& chunk);

  /// Writes the trailer: counts, digest and its MAC.
  void finish(std::uint64_t read, std::uint64_t rejected);

  std::uint64_t records() const { return records_; }
  const std::string& digest() const { return trailer_.digest; }

 private:
  cps::Record make_record(const pb::Card& card) const;
  cps::Application make_application(const ApplicationPlan& plan, const pb::Application& made) const;
  void add_macs(std::vector<cps::Record>& records);
  Bytes card_bytes(const pb::Card& card, const cps::Record& record) const;
  void write(ByteView bytes);

  const Plan& plan_;
  std::uint16_t generation_;
  std::ostream& out_;
  RecordMac mac_;
  Bytes mac_key_;  ///< enciphered; empty when the profile wants no MAC
  emvcrypto::Sha256 digest_;
  std::uint64_t records_ = 0;
  cps::FileTrailer trailer_;
};

}  // namespace kpd
