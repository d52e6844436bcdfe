/// A card file as a tree (cps/card_file.h).
#pragma once

#include <istream>

#include "kpd/inspect/decode_record.h"
#include "kpd/inspect/selection.h"
#include "kpd/inspect/writer.h"

namespace kpd::inspect {

/// Header, the wanted records, trailer. Reads the whole file, so that its counts and digest are
/// checked. Throws cps::FileError when it is damaged, Failure(hold) when a record's chip data
/// cannot be read, Failure(usage) when PANs are asked for and the header does not say that it is a
/// test.
void inspect_card_file(std::istream& in, const Wish& wish, TreeWriter& writer);

/// One record: its machine modules, and below its chip module the CPS record. fault: gets the
/// reason when the chip module cannot be read.
Node decode_card(const std::vector<cps::Module>& modules, std::uint64_t place,
                 const cps::FileHeader& header, Mask& mask, std::string& fault);

/// A key of a header; its wrapped bytes only as their length.
Node decode_wrapped_key(const cps::WrappedKey& key);

/// Throws Failure(usage) unless PANs may be shown.
void refuse_open_pans(const Wish& wish, bool test);

}  // namespace kpd::inspect
