/// The engine for vector registers: numbers into lanes and back. Internal to the key factory;
/// compiled for every processor.
#pragma once

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/locked_memory.h"
#include "emvcrypto/factory/vector_kernel.h"

namespace emvcrypto::factory {

/// The engine over kernels whose numbers have limbs of kLimbBits.
template <unsigned kLimbBits, unsigned kMostLimbs>
class VectorEngine : public LaneEngine {
 public:
  VectorEngine(unsigned bits, const VectorKernels& kernels)
      : limbs_(vector_limbs(bits, kLimbBits)),
        kernels_(kernels),
        job_{bits,
             limbs_,
             memory_->modulus.data(),
             memory_->base.data(),
             memory_->exponent.data(),
             memory_->twos.data(),
             memory_->whole.data(),
             memory_->result.data(),
             memory_->work.data()} {}

  unsigned passes_base_two(const LaneNumbers& candidates) override {
    load_candidates(candidates);
    return kernels_.strong_two(job_);
  }

  unsigned passes_base(const LaneNumbers& candidates, const LaneNumbers& bases) override {
    load_candidates(candidates);
    for (std::size_t lane = 0; lane < kLanes; ++lane) load(memory_->base, lane, bases[lane]);
    return kernels_.strong_base(job_);
  }

  void power(const LaneNumbers& moduli, const LaneNumbers& bases, const LaneNumbers& exponents,
             LaneNumbers& results) override {
    load_three(moduli, bases, exponents);
    kernels_.power(job_);
    store(results);
  }

  void multiply(const LaneNumbers& moduli, const LaneNumbers& a, const LaneNumbers& b,
                LaneNumbers& results) override {
    load_three(moduli, a, b);
    kernels_.multiply(job_);
    store(results);
  }

 private:
  using Side = std::array<std::uint64_t, kMostLimbs * kLanes>;

  struct alignas(64) Memory {
    Side modulus, base, exponent, result;
    std::array<std::uint64_t, kLanes> twos, whole;
    std::array<std::uint64_t, kWorkNumbers * kMostLimbs * kLanes> work;
    Number odd;
  };

  void load(Side& side, std::size_t lane, const Number& number) const {
    for (unsigned j = 0; j < limbs_; ++j) {
      const unsigned limb = j * kLimbBits / 64;
      const unsigned shift = j * kLimbBits % 64;
      std::uint64_t bits = limb < kMaxLimbs ? number[limb] >> shift : 0;
      if (shift > 64 - kLimbBits && limb + 1 < kMaxLimbs) bits |= number[limb + 1] << (64 - shift);
      side[j * kLanes + lane] = bits & ((std::uint64_t{1} << kLimbBits) - 1);
    }
  }

  void load_candidates(const LaneNumbers& candidates) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      load(memory_->modulus, lane, candidates[lane]);
      const OddPart part = odd_part(candidates[lane], limbs_of(job_.bits), memory_->odd);
      load(memory_->exponent, lane, memory_->odd);
      memory_->twos[lane] = part.twos;
      memory_->whole[lane] = part.whole;
    }
  }

  void load_three(const LaneNumbers& moduli, const LaneNumbers& bases,
                  const LaneNumbers& exponents) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      load(memory_->modulus, lane, moduli[lane]);
      load(memory_->base, lane, bases[lane]);
      load(memory_->exponent, lane, exponents[lane]);
    }
  }

  void store(LaneNumbers& results) const {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      Number& number = results[lane];
      number = {};
      for (unsigned j = 0; j < limbs_; ++j) {
        const std::uint64_t bits = memory_->result[j * kLanes + lane];
        const unsigned limb = j * kLimbBits / 64;
        const unsigned shift = j * kLimbBits % 64;
        if (limb < kMaxLimbs) number[limb] |= bits << shift;
        if (shift > 64 - kLimbBits && limb + 1 < kMaxLimbs)
          number[limb + 1] |= bits >> (64 - shift);
      }
    }
  }

  unsigned limbs_;
  const VectorKernels& kernels_;
  Locked<Memory> memory_;
  VectorJob job_;
};

}  // namespace emvcrypto::factory
