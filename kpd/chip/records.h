/// The records of an application, by SFI and number.
#pragma once

#include <map>

#include "emvcrypto/tlv.h"
#include "kpd/chip/command.h"

namespace kpd::chip {

/// Record files with SFI 1-30 (EMV 4.4 Book 3, 5.3.2.2). Those of SFI 1-10 hold a template 70,
/// the others anything.
class Records {
 public:
  /// Whether a grouping's identifier names a record: SFI 01-1E, number 01-FF.
  static bool names_record(std::uint16_t dgi);

  /// Keeps a record. 6A80 when it is empty, longer than 254 bytes, or in SFI 1-10 not exactly one
  /// well-formed template 70.
  Status load(std::uint16_t dgi, ByteView value);

  /// Nothing when there is none.
  const Bytes* find(std::uint8_t sfi, std::uint8_t number) const;

  /// A data object in the records of SFI 1-10, the first in their order; nothing when absent.
  std::optional<ByteView> find_object(emvcrypto::Tag tag) const;

  /// Whether any record has this SFI.
  bool has_file(std::uint8_t sfi) const;

  /// READ RECORD (Book 3, 6.5.11): P1 number, P2 SFI | 4.
  Answer read(const Command& command) const;

 private:
  std::map<std::uint16_t, Bytes> records_;  ///< by SFI << 8 | number
};

}  // namespace kpd::chip
