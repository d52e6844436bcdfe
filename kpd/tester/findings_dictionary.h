/// Everything that the tester can find, as one table: what it weighs, what it means, what to do.
#pragma once

#include <span>
#include <string_view>

#include "kpd/tester/finding.h"

namespace kpd::tester {

/// A kind of finding.
struct FindingKind {
  std::string_view id;
  Severity severity;
  std::string_view clause;  ///< of EMV 4.4 ("B2" is Book 2), or empty
  std::string_view title;   ///< what is wrong, for people
  std::string_view remedy;  ///< where to look and what to do
};

/// The kind of an id. An id without a row of its own is a case of its parent
/// ("oda.icc-cert.cert-algorithm" of "oda.icc-cert"); nullptr when no ancestor has a row either.
const FindingKind* find_finding_kind(std::string_view id);

/// All kinds, in the order of a card's life in the terminal.
std::span<const FindingKind> finding_kinds();

}  // namespace kpd::tester
