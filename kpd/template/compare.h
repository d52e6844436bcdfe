/// What changes on the card between two templates or jobs.
#pragma once

#include <vector>

#include "kpd/inspect/node.h"
#include "kpd/template/examined.h"

namespace kpd {

/// The differences as a tree for inspect's writers, a branch for each card that differs: kind
/// "changed" (value "OLD -> NEW", decoded differences below with the ids "-" and "+"), "added" and
/// "removed". Empty: the cards are the same. Files, names of keys' places and the way in which a
/// value was written do not count. Two templates are compared whatever their names, two jobs by
/// product and risk profile.
std::vector<inspect::Node> compare(const Examined& before, const Examined& after);

}  // namespace kpd
