#include "emvcrypto/factory/prime_search.h"

#include <algorithm>

namespace emvcrypto::factory {

PrimeSearch::PrimeSearch(unsigned prime_bits, unsigned exponent, LaneEngine& engine,
                         RandomStream& random)
    : engine_(engine),
      random_(random),
      bits_(prime_bits),
      rounds_(strong_test_rounds(prime_bits)),
      table_(prime_bits, exponent) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    windows_.emplace_back(table_);
    windows_[lane].open(random_);
    advance(lane);
  }
}

void PrimeSearch::advance(std::size_t lane) {
  while (!windows_[lane].next(memory_->candidates[lane])) windows_[lane].open(random_);
}

std::size_t PrimeSearch::rounds_left() const {
  std::size_t rounds = 0;
  for (std::size_t i = 0; i < suspects_; ++i) rounds += memory_->suspects[i].rounds_left;
  return rounds;
}

void PrimeSearch::look() {
  const unsigned passed = engine_.passes_base_two(memory_->candidates);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if ((passed >> lane & 1) != 0) {
      memory_->suspects[suspects_++] = {memory_->candidates[lane], rounds_, false};
      windows_[lane].open(random_);
    }
    advance(lane);
  }
}

void PrimeSearch::test() {
  std::array<Suspect*, kLanes> owners{};
  Suspect* suspect = memory_->suspects.data();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    while (suspect->rounds_left == 0) ++suspect;
    --suspect->rounds_left;
    owners[lane] = suspect;
    memory_->tested[lane] = suspect->number;
    random_.draw_below(memory_->bases[lane], suspect->number, bits_);
  }
  const unsigned passed = engine_.passes_base(memory_->tested, memory_->bases);
  for (std::size_t lane = 0; lane < kLanes; ++lane)
    if ((passed >> lane & 1) == 0) owners[lane]->composite = true;
  settle();
}

void PrimeSearch::settle() {
  auto& suspects = memory_->suspects;
  std::size_t done = 0;
  for (; done < suspects_ && suspects[done].rounds_left == 0; ++done)
    if (!suspects[done].composite) memory_->primes[primes_++] = suspects[done].number;
  std::copy(suspects.begin() + static_cast<std::ptrdiff_t>(done),
            suspects.begin() + static_cast<std::ptrdiff_t>(suspects_), suspects.begin());
  suspects_ -= done;
}

void PrimeSearch::find(std::size_t count) {
  while (primes_ < count) {
    if (rounds_left() < kLanes)
      look();
    else
      test();
  }
}

void PrimeSearch::take(Number& prime) {
  find(1);
  auto& primes = memory_->primes;
  prime = primes[0];
  std::copy(primes.begin() + 1, primes.begin() + static_cast<std::ptrdiff_t>(primes_),
            primes.begin());
  primes[--primes_] = {};
}

}  // namespace emvcrypto::factory
