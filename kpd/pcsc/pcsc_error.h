/// What PC/SC return codes mean for a station.
#pragma once

#include <string>

namespace kpd {

/// "Card was removed. (0x80100069)": the service's own text and the code.
std::string pcsc_text(long code);

/// Whether reader or service are gone, so that a new context is needed; otherwise the card is.
bool pcsc_is_broken(long code);

}  // namespace kpd
