/// Personalising the cards of a file on several stations at once.
#pragma once

#include "kpd/station/floor.h"

namespace kpd {

/// Checks the whole file first, then runs one thread and one key service a station over a shared
/// token until no card is left. What the books of the file know is not made again unless
/// `options.remake` says so; a chip in doubt that turns up is asked what it holds. A chip that does
/// not share our keys, or a script at fault, stops every station before a second one is put at
/// risk. `report` is called for each card, one at a time. Throws cps::FileError before the first
/// chip when the file is not sound, Failure when a device breaks, or as CardBooks.
StationTotals load_cards(const std::string& file, CardSelection selection,
                         std::shared_ptr<hsm::Token> token, const StationOptions& options,
                         StationBoard& board,
                         const std::function<void(const StationResult&)>& report);

}  // namespace kpd
