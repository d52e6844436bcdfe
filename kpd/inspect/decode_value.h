/// One EMV data object in words.
#pragma once

#include "emvcrypto/tlv.h"
#include "kpd/inspect/dictionary.h"
#include "kpd/inspect/mask.h"
#include "kpd/inspect/node.h"

namespace kpd::inspect {

using emvcrypto::Tag;

/// A primitive object by its tag: kind "tag", its name, its value as its format says, and below it
/// what bits, rules, entries and lists mean. Cardholder data comes masked and without bytes. A
/// value that is not what its format says is shown in hexadecimal with a warning.
Node decode_value(Tag tag, ByteView value, const Mask& mask);

/// The name of a tag, or "unknown".
std::string tag_label(Tag tag);

/// The set bits of `value`, kind "bit", id "1.7" for byte 1 bit 7; those without a meaning as
/// "reserved".
std::vector<Node> decode_bits(ByteView value, std::span<const BitMeaning> meanings);

/// The rules of a CVM list behind its amounts X and Y (EMV 4.4 Book 3, 10.5). Nothing when its
/// length is wrong.
std::optional<std::vector<Node>> decode_cvm_list(ByteView list);

/// The entries of an AFL (10.2). Nothing when it contradicts itself.
std::optional<std::vector<Node>> decode_afl(ByteView afl);

/// The entries of a DOL with their lengths (5.4). Nothing when malformed.
std::optional<std::vector<Node>> decode_dol(ByteView dol);

/// The value of an object with cardholder data (TagInfo::sensitive) as the mask lets people see it.
std::string decode_cardholder_data(Tag tag, ByteView value, const Mask& mask);

}  // namespace kpd::inspect
