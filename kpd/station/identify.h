/// Which card is in the reader: enough of it is read to find its record.
#pragma once

#include <string>
#include <vector>

#include "cps/dialogue.h"
#include "cps/record.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// PAN (digits) and PSN (2 digits) of a card; empty when no application tells them.
struct CardIdentity {
  std::string pan, psn;
  bool known() const { return !pan.empty(); }
  /// A key for indexes. Not for eyes.
  std::string key() const { return pan + "|" + psn; }
};

/// Selects the first of these AIDs that the card has and reads its records until tag 5A is found
/// (EMV 4.4 Book 3, 10.1 and 10.2). Moves the card's transaction counter on by one.
cps::Dialogue<CardIdentity> identify(std::vector<Bytes> aids);

/// The same from a prepared record.
CardIdentity identify(const cps::Record& record);

}  // namespace kpd
