/// One record of a job on its way to the chip, as far as no device is needed.
#pragma once

#include <optional>
#include <string>

#include "kpd/inspect/mask.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd {

/// Runs the intake until the record comes: by its record id, or else by its place from 1. Throws
/// Failure(usage) when there is none, or when the intake rejects it (with field and reason).
pb::Card find_record(const Plan& plan, const std::string& wanted);

/// The value of an element, or why only the device can tell.
struct ElementNow {
  std::optional<emvcrypto::Bytes> value;
  std::string why;  ///< "needs the device: value icvv", "the field is empty ..."
};
ElementNow make_now(const ElementPlan& element, const pb::Card& card, const Plan& plan);

/// A mask that knows the record's PAN and name.
inspect::Mask mask_of(const pb::Card& card, const Plan& plan);

/// A field's text as people may see it. What may hold a secret is shown as its length.
std::string shown_field(FieldId id, const pb::Card& card, const Plan& plan,
                        const inspect::Mask& mask);

}  // namespace kpd
