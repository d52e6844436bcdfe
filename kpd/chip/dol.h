/// Data object lists from the chip's side: what the terminal sends for them.
#pragma once

#include <map>
#include <optional>

#include "emvcrypto/tlv.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// The number of bytes that a DOL asks for; nothing when it is malformed.
std::optional<std::size_t> dol_data_length(ByteView dol);

/// Cuts `data` by the DOL and puts each value into `values`, over older ones. False when the
/// lengths do not agree.
bool take_dol_data(ByteView dol, ByteView data, std::map<emvcrypto::Tag, Bytes>& values);

}  // namespace kpd::chip
