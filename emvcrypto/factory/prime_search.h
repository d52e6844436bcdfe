/// Primes of one size for one public exponent, eight windows at a time. Internal to the key
/// factory.
#pragma once

#include <cstddef>
#include <deque>

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/sieve.h"

namespace emvcrypto::factory {

/// Looks through a window a lane. The first candidate of a window that passes the strong test with
/// base two ends the window, so that no two primes ever come from one; it becomes a prime by
/// passing strong_test_rounds more with random bases. A step tests eight numbers, whatever they
/// are, and its result is the same on every engine: so are the primes. After an exception it must
/// not be used any more.
class PrimeSearch {
 public:
  PrimeSearch(unsigned prime_bits, unsigned exponent, LaneEngine& engine, RandomStream& random);

  /// Takes the oldest prime found, after as many steps as that needs.
  void take(Number& prime);

  /// Steps until so many primes are there; at most kMostReady.
  void find(std::size_t count);

  static constexpr std::size_t kMostReady = 16;

 private:
  /// A candidate that has rounds of the strong test before it.
  struct Suspect {
    Number number;
    unsigned rounds_left;
    bool composite;
  };
  struct Memory {
    LaneNumbers candidates, tested, bases;
    std::array<Suspect, 3 * kLanes> suspects;
    std::array<Number, kMostReady + 2 * kLanes> primes;
  };

  void advance(std::size_t lane);  ///< to the lane's next candidate
  void look();                     ///< one step of base two, a candidate a lane
  void test();                     ///< one step of random bases, a round of a suspect a lane
  void settle();                   ///< makes primes of the suspects that are through
  std::size_t rounds_left() const;

  LaneEngine& engine_;
  RandomStream& random_;
  unsigned bits_;
  unsigned rounds_;
  SieveTable table_;
  std::deque<Window> windows_;  // they never move
  std::size_t suspects_ = 0;
  std::size_t primes_ = 0;
  Locked<Memory> memory_;
};

}  // namespace emvcrypto::factory
