/// The head of a stage file, which is in clear (kpd/stream/stage_stream.h).
#pragma once

#include <istream>

#include "kpd/inspect/node.h"
#include "kpd/stream/card.pb.h"

namespace kpd::inspect {

/// Reads magic, version and header. Throws Failure(hold) when they are not those of a stage file.
pb::StreamHeader read_stage_head(std::istream& in);

/// Kind "header".
Node decode_stage_head(const pb::StreamHeader& header);

}  // namespace kpd::inspect
