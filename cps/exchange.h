/// One command and its whole response, whatever the transmission protocol makes of it.
#pragma once

#include "cps/dialogue.h"

namespace cps {

/// Sends the command; fetches what the card announces by 61xx with GET RESPONSE, repeats with the
/// right Le after 6Cxx (ISO/IEC 7816-4, 5.1.3 and 11.4.2). Returns all data with the last status
/// word, or the lost or broken response as it came. `apdus`, when given, counts every APDU sent and
/// must live as long as the dialogue. A card that never stops announcing gets its 61xx returned.
Dialogue<Response> exchange(Command command, std::size_t* apdus = nullptr);

/// The same for a command's bytes, with or without Le.
Dialogue<Response> exchange_raw(Bytes command, std::size_t* apdus = nullptr);

}  // namespace cps
