/// A reject file as a table (kpd/stages/reject_file.h).
#pragma once

#include <istream>

#include "kpd/inspect/selection.h"
#include "kpd/inspect/writer.h"

namespace kpd::inspect {

/// A table of all rejects, or of those wished for, and how many there are of each fault. Reads the
/// stream twice, for the columns and to print; memory holds a line. Throws Failure(hold), with the
/// line, when it is not a reject file.
void inspect_reject_table(std::istream& in, const Wish& wish, std::ostream& out,
                          const TextStyle& style);

/// The same as a tree: a section a reject, then one of the counts.
void inspect_reject_tree(std::istream& in, const Wish& wish, TreeWriter& writer);

}  // namespace kpd::inspect
