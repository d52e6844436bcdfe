/// What a reader sees of whatever sits in its slot: contacts, power and bytes.
#pragma once

#include "emvcrypto/bytes.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A slot's content: one chip, or a carousel of them. One thread at a time.
class ChipPort {
 public:
  virtual ~ChipPort() = default;

  /// The ATR that the present chip gives, powered or not; empty when the slot is empty.
  virtual Bytes atr() const = 0;

  /// Cold reset; all volatile state is gone. Returns the ATR, empty when the slot is empty.
  virtual Bytes power_on() = 0;

  /// Takes the power away.
  virtual void power_off() = 0;

  /// Resets the same chip with its power on; volatile state is gone. Returns the ATR, empty when
  /// the slot is empty or without power.
  virtual Bytes warm_reset() = 0;

  /// One short APDU (ISO/IEC 7816-4, 5.1) and its answer: data, then two bytes of status. Empty
  /// when nothing with power is there to answer.
  virtual Bytes transmit(ByteView apdu) = 0;
};

}  // namespace kpd::chip
