/// What a card does about lengths under T=0 (ISO/IEC 7816-3, "The half-duplex transmission of
/// characters"; EMV 4.4 Book 1, 9.3.1).
#pragma once

#include <functional>
#include <optional>

#include "kpd/chip/command.h"

namespace kpd::chip {

/// Whether an ATR offers T=0 and nothing else.
bool offers_only_t0(ByteView atr);

/// The card's end of a T=0 link: a command carries data or asks for them, never both. An answer to
/// a command with data waits behind 61xx for GET RESPONSE; a command that asks for another number
/// of bytes than there are is answered 6Cxx and must come again.
class T0Link {
 public:
  /// Does what the application behind the link does.
  using Work = std::function<Answer(ByteView apdu)>;

  /// One command and its answer. Le behind data does not come over such a link.
  Answer transmit(ByteView command, const Work& work);

  /// Forgets what waits.
  void reset() { waiting_.reset(); }

 private:
  Answer get_response(std::size_t wanted);

  std::optional<Answer> waiting_;
};

}  // namespace kpd::chip
