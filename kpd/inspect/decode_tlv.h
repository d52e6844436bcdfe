/// BER-TLV as a tree with names.
#pragma once

#include "kpd/inspect/decode_value.h"
#include "kpd/inspect/writer.h"

namespace kpd::inspect {

/// One object, a constructed one opened where its value is BER-TLV.
Node decode_object(Tag tag, ByteView value, const Mask& mask);

/// All objects of a list, constructed ones opened. Nothing when it is malformed.
std::optional<std::vector<Node>> decode_tlvs(ByteView list, const Mask& mask);

/// Hexadecimal as a file of its own; blanks and colons between bytes do not count. Throws
/// Failure(usage) saying where it stops being BER-TLV.
void inspect_tlv(std::string_view hex, TreeWriter& writer);

}  // namespace kpd::inspect
