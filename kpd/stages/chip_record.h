/// A card's record for its chip (EMV CPS 1.1, sections 2 and 3), without MACs.
#pragma once

#include "kpd/stages/chunk.h"

namespace kpd {

/// What every card of this plan has in common: everything but CRN and DGIs.
cps::Record frame_of(const Plan& plan, const CardPlan& card);

/// The whole record of a signed card. frame: of its plan.
cps::Record make_chip_record(cps::Record frame, const pb::Card& card, Bytes reference);

}  // namespace kpd
