/// The cards of a what-if question, in the order in which they come out of the hopper.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "kpd/machine/machine_model.h"

namespace kpd {

/// Cards that are worked on alike.
struct CardType {
  Milliseconds chip{0};  ///< that the chip takes, all applications; 0: a card without a chip
  std::uint64_t characters = 0;  ///< to emboss; 0: a flat card
  std::uint64_t share = 1;       ///< so many of each `sum of shares` cards
};

/// What is asked of a machine.
struct Batch {
  std::uint64_t cards = 1;
  std::vector<CardType> types{CardType{}};  ///< one at least
  Milliseconds host{0};                     ///< that host and HSM take for a chip, one at a time
  std::map<std::string, double> failures;   ///< by module: rate of cards that fail there, 0..1
  std::uint64_t seed = 1;                   ///< which cards these are
};

/// One card on its way.
struct MachineCard {
  std::size_t type = 0;      ///< place in Batch::types
  std::size_t fails_in = 0;  ///< module; the number of modules: it is good
};

/// Deals the batch out: types in turns by their shares, failures by the seed. The n-th card is the
/// same however the machine moves it.
class CardFeed {
 public:
  /// Throws Failure(usage) when the batch names a module that cannot fail a card, or is none.
  CardFeed(const MachineModel& machine, const Batch& batch);

  bool empty() const { return dealt_ == batch_.cards; }
  /// There must be one.
  MachineCard next();

 private:
  std::size_t next_type();

  const MachineModel& machine_;
  const Batch& batch_;
  std::vector<double> rates_;          ///< by module
  std::vector<std::int64_t> credits_;  ///< by type: how much its turn it is
  std::int64_t shares_ = 0;
  std::mt19937_64 chance_;
  std::uint64_t dealt_ = 0;
};

/// Whether a module does anything with a card, or lets it pass untouched. failed: an earlier module
/// failed it, so that only the reject mark and the stacker touch it.
bool touches(const MachineModule& module, const CardType& card, bool failed);

/// How long a module works on a card that it touches, without the host.
Milliseconds work_on(const MachineModule& module, const CardType& card);

/// How long the host works for a smart module's part of a chip.
Milliseconds host_part(const MachineModule& module, Milliseconds host);

}  // namespace kpd
