/// One application's DGIs as a run of BER-TLV, and back; internal to this folder.
#pragma once

#include "cps/tagged_layout.h"

namespace cps {

/// The DGIs as their layout says.
Bytes encode_run(const TaggedLayout& layout, const TaggedApplication& application,
                 const std::vector<Dgi>& dgis);

/// The reverse. Fault "card-file".
Expected<std::vector<Dgi>> parse_run(const TaggedLayout& layout,
                                     const TaggedApplication& application, ByteView run);

}  // namespace cps
