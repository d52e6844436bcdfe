/// A stage file as a tree.
#pragma once

#include <istream>

#include "hsm/token.h"
#include "kpd/inspect/mask.h"
#include "kpd/inspect/selection.h"
#include "kpd/inspect/writer.h"
#include "kpd/plan/plan.h"
#include "kpd/stream/card.pb.h"

namespace kpd::inspect {

/// The head alone: what can be said without the storage key. Throws Failure(hold) when damaged,
/// Failure(usage) when the wish is for records or PANs.
void inspect_stage_head(std::istream& in, const Wish& wish, TreeWriter& writer);

/// Head, cards, rejects and counts. Throws Failure(hold) when the file is cut, altered or of
/// another plan, Failure(usage) when PANs are asked for and the plan is not of a test job.
void inspect_stage_file(std::istream& in, const Plan& plan, hsm::Token& token, const Wish& wish,
                        TreeWriter& writer);

/// One card between the stages: its fields by name, its applications as far as they are made. PIN
/// blocks and secrets come as their length. keys: the head's transport keys. Throws Failure(hold)
/// when it is not a card of this plan.
Node decode_stage_card(const pb::Card& card, std::uint64_t place, const Plan& plan,
                       const pb::StreamHeader& header, Mask& mask);

/// A record that goes no further.
Node decode_reject(const pb::Reject& reject, std::uint64_t place);

}  // namespace kpd::inspect
