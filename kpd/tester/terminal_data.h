/// The terminal's own data objects, and how a DOL is filled from them (EMV 4.4 Book 3, 5.4).
#pragma once

#include <map>
#include <span>
#include <vector>

#include "kpd/tester/card_data.h"
#include "kpd/tester/issuer_host.h"
#include "kpd/tester/terminal_profile.h"

namespace kpd::tester {

/// Bits of the TVR's first byte (Book 3, C5).
enum class TvrBit : std::uint8_t {
  oda_not_performed = 0x80,
  sda_failed = 0x40,
  icc_data_missing = 0x20,
  dda_failed = 0x08,
  cda_failed = 0x04,
  sda_selected = 0x02
};

/// One transaction's terminal data.
class TerminalData {
 public:
  explicit TerminalData(const TerminalProfile& profile);

  void set(emvcrypto::Tag tag, emvcrypto::Bytes value) { objects_[tag] = std::move(value); }
  const emvcrypto::Bytes* find(emvcrypto::Tag tag) const;

  /// Sets a bit in the first byte of the TVR (95).
  void raise(TvrBit bit);

  /// The objects that a DOL asks for, cut or padded to the lengths asked for: terminal's first,
  /// then the card's; what neither knows is zeros (Book 3, 5.4).
  std::vector<SentValue> fill(std::span<const emvcrypto::DolEntry> dol, const CardData& card) const;

 private:
  std::map<emvcrypto::Tag, emvcrypto::Bytes> objects_;
};

/// The values one after the other, as they go into a command.
emvcrypto::Bytes joined(std::span<const SentValue> values);

/// A value at the length that a DOL wants: numeric ones keep their right end and get zeros on the
/// left; others keep their left end and get 00, or FF where they are compressed numeric.
emvcrypto::Bytes fitted(emvcrypto::Tag tag, emvcrypto::ByteView value, std::size_t length);

}  // namespace kpd::tester
