/// The card seam: a chip that takes APDUs, wherever it is.
#pragma once

#include <chrono>
#include <string>

#include "emvcrypto/bytes.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

enum class Reset {
  cold,  ///< power off and on
  warm
};

/// What became of one APDU.
struct Response {
  enum class Kind {
    answered,  ///< `bytes` is data and status word, at least 2 bytes
    lost,      ///< the card went away: whether it executed the command is unknown
    broken     ///< the reader or its service went away
  };
  Kind kind = Kind::answered;
  Bytes bytes;
  std::string detail;  ///< for lost and broken: what the layer below said

  std::uint16_t status() const {
    return bytes.size() < 2
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(bytes[bytes.size() - 2] << 8 | bytes.back());
  }
  ByteView data() const { return ByteView(bytes).first(bytes.size() < 2 ? 0 : bytes.size() - 2); }
};

/// A chip in a reader, in memory, behind a wire or in a recording. One thread at a time.
class Card {
 public:
  virtual ~Card() = default;

  /// The answer to reset of the present session.
  virtual Bytes atr() const = 0;

  /// Resets the chip; all its volatile state is gone. False when no card answers.
  virtual bool reset(Reset how) = 0;

  /// One command APDU and its response; T=0 procedure (61xx, 6Cxx) is the caller's.
  virtual Response transmit(ByteView command, std::chrono::milliseconds deadline) = 0;
};

}  // namespace cps
