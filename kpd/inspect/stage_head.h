/// The head of a stage file, which is in clear (kpd/stream/stage_stream.h).
#pragma once

#include "kpd/inspect/node.h"
#include "kpd/stream/card.pb.h"

namespace kpd::inspect {

/// Kind "header".
Node decode_stage_head(const pb::StreamHeader& header);

}  // namespace kpd::inspect
