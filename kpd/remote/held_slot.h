/// A slot that a client on another host holds: its steps are numbered, and each is taken once.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "cps/slot.h"
#include "kpd/remote/station.pb.h"

namespace kpd {

/// A number that is neither the last one nor its successor, or the last one with another action.
class WrongStep : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The slot was given to somebody else, or back.
class LeaseEnded : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Any thread may call; the slot sees one step at a time.
class HeldSlot {
 public:
  explicit HeldSlot(std::unique_ptr<cps::Slot> slot) : slot_(std::move(slot)) {}

  /// Takes step last + 1. Step last is not taken again: its kept answer comes, once it is there.
  /// Throws WrongStep, LeaseEnded, BadStep (step_on_slot.h), all before the card sees anything.
  remote::StepAnswer step(const remote::StepRequest& request);

  /// Waits for the step that runs, then lets go of slot and card. False when it still runs after
  /// `patience`; the slot is then held as before.
  bool close(std::chrono::milliseconds patience);

 private:
  void claim(const remote::StepRequest& request, const emvcrypto::Bytes& digest);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<cps::Slot> slot_;  ///< null: closed
  bool running_ = false;
  std::uint64_t last_ = 0;
  emvcrypto::Bytes last_digest_;  ///< of the request: a command is not kept
  remote::StepAnswer kept_;
};

}  // namespace kpd
