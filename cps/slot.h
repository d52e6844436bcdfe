/// The seam of a station: a place where cards come and go.
#pragma once

#include <stdexcept>

#include "cps/card.h"

namespace cps {

/// The reader, its service or the way to it is gone. What became of a card in it is unknown.
class SlotGone : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A reader of this machine or of another one, and the card in it, which it holds alone. One thread
/// at a time.
class Slot : public Card {
 public:
  /// What people call it: the reader's name, behind "HOST/" when it is elsewhere.
  virtual const std::string& name() const = 0;

  /// Waits until a card answers and takes it; one that is held already is let go first. False when
  /// none came in time. Throws SlotGone.
  virtual bool wait_for_card(std::chrono::milliseconds timeout) = 0;

  /// Lets go of the card, unpowered, and waits until it is out. False when it still is there.
  /// Throws SlotGone.
  virtual bool wait_for_removal(std::chrono::milliseconds timeout) = 0;

  /// Why the last reset gave nothing.
  virtual const std::string& last_error() const = 0;
};

}  // namespace cps
