/// How the cards of a file are written, in words.
#pragma once

#include <vector>

#include "cps/card_file.h"
#include "kpd/inspect/node.h"

namespace kpd::inspect {

/// Fields of a card file's header that tell its format; what a CPS file has by default is left out.
std::vector<Node> decode_format(const cps::FileHeader& header);

}  // namespace kpd::inspect
