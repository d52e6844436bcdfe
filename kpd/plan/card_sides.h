/// What terminals get of an application on each of its interfaces. Internal to kpd/plan.
#pragma once

#include <set>
#include <vector>

#include "emvcrypto/afl.h"
#include "kpd/plan/application_plan.h"

namespace kpd {

/// The answer to GET PROCESSING OPTIONS of one interface, and the records that its AFL names.
struct CardSide {
  /// Holds AIP and AFL; null: no DGI does, and the side is that of `elements` and `records` alone.
  const DgiPlan* response = nullptr;
  const ElementPlan* aip = nullptr;  ///< a constant; null where nobody can tell it by its tag
  const ElementPlan* afl = nullptr;
  Bytes aip_value;                         ///< empty: unknown
  std::vector<emvcrypto::AflEntry> read;   ///< what the AFL names
  std::vector<const RecordPlan*> records;  ///< those of them that the template has, in that order
  std::set<Tag> tags;                      ///< in these records
  std::set<const ElementPlan*> elements;   ///< in these records
  /// The answer brings more than AIP and AFL: a short transaction of contactless readers.
  bool is_short = false;

  bool holds(Tag tag) const { return tags.contains(tag); }
  /// Bit of the AIP's first byte.
  bool supports(std::uint8_t bit) const { return !aip_value.empty() && (aip_value[0] & bit) != 0; }
};

/// One for each DGI with an AFL: by its tag (94), or without tags in A005 and B005 (AIP and AFL of
/// the contact and the contactless interface). An application without: one, of its elements. An AFL
/// that cannot be read names nothing.
std::vector<CardSide> card_sides(const ApplicationPlan& plan);

}  // namespace kpd
