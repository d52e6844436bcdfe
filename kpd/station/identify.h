/// Which card is in the reader: enough of it is read to find its record.
#pragma once

#include <string>
#include <vector>

#include "cps/dialogue.h"
#include "cps/record.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// Where a card that does not pay tells who it is: a record, or a file by its identifier.
struct IdentityPlace {
  Bytes aid;
  cps::DgiId dgi = 0;
  bool is_file = false;
};

/// Where the cards of a job tell who they are.
struct IdentityPlan {
  std::vector<Bytes> paying;          ///< AIDs of payment applications
  std::vector<IdentityPlace> places;  ///< of cards that have none of them
};

/// Who a card is: PAN (digits) and PSN (2 digits) of a payment application; without one, a hash of
/// what the first place that it has holds. All empty when it does not tell.
struct CardIdentity {
  std::string pan, psn;
  Bytes mark;
  bool known() const { return !pan.empty() || !mark.empty(); }
  /// A key for indexes. Not for eyes.
  std::string key() const { return mark.empty() ? pan + "|" + psn : emvcrypto::to_hex(mark); }
};

/// Selects the first of the payment applications that the card has and reads its records until tag
/// 5A is found (EMV 4.4 Book 3, 10.1 and 10.2), which moves its transaction counter on by one; then
/// the first place that can be read.
cps::Dialogue<CardIdentity> identify(IdentityPlan plan);

/// The same from a prepared record.
CardIdentity identify(const cps::Record& record, const IdentityPlan& plan);

}  // namespace kpd
