/// What is a candidate and how it is tested: one rule for every path. Internal to the key factory.
#pragma once

#include <cstdint>

namespace emvcrypto::factory {

/// p, q >= 2^(k-1) * sqrt(2) for primes of k bits (FIPS 186-5, A.1.3 step 4.4), so that p * q has
/// exactly 2k bits: the 64 leading bits of the least candidate, sqrt(2) * 2^63 rounded up.
inline constexpr std::uint64_t kLeastLeadingLimb = 0xB504F333F9DE6485;

/// |p - q| > 2^(k - 100) (FIPS 186-5, A.1.3 step 5.4).
inline constexpr unsigned kCloseBits = 100;

/// A window of candidates is 4k odd numbers from a random start. It holds 8 / ln 2 = 11.5 primes
/// on average, half of them when e = 3; one at most is taken.
constexpr unsigned window_length(unsigned prime_bits) {
  return 4 * prime_bits;
}

/// Candidates with a prime factor below this are sieved out.
inline constexpr std::uint32_t kSieveLimit = 1U << 16;

/// How many powers of two of n - 1 the strong test follows. A prime with more of them is refused
/// with a probability below 2^-15 a round; one of 2^16 primes is such.
inline constexpr unsigned kMaxTwos = 16;

/// Rounds of the strong test with random bases after which the chance that a prime of so many bits
/// is composite is below 2^-100.
///
/// For a random odd number of k bits that passes t rounds this chance is
///   p(k,t) < k^(3/2) 2^t t^(-1/2) 4^(2 - sqrt(tk))        for k >= 21, 3 <= t <= k/9
/// (I. Damgard, P. Landrock, C. Pomerance, "Average case error estimates for the strong probable
/// prime test", Math. Comp. 61 (1993), theorem 2 of the summary in the Handbook of Applied
/// Cryptography, fact 4.48 (ii)).
///
/// Candidates are not independent here (J. Brandt, I. Damgard, "On generation of probable primes by
/// incremental search", CRYPTO '92): they come one after the other from one start. Each of them is
/// by itself uniform, so the chance that any composite of a window passes is at most the sum over
/// its s = 4k candidates. With the density of primes among odd numbers, 2 / (k ln 2), that sum is
/// at most s * 2 / (k ln 2) = 11.6 times p(k,t) / (1 - p(k,t)). Since starts are drawn from the
/// upper 58.5 % of the numbers of k bits, it grows by 1 / 0.585; since a window may be without a
/// prime (e = 3: 0.4 %), by 1.004. Together less than 20, below 2^5. So p(k,t) < 2^-105 is asked
/// for:
///
///   bits of the prime  256  288  320  352  384  448  512  576  640  704  768  832  960 1024
///   rounds              19   16   14   13   12   10    9    8    7    6    6    5    5    4
unsigned strong_test_rounds(unsigned prime_bits);

/// log2 of the right side above plus 5; what strong_test_rounds keeps below -100.
double log2_error_bound(unsigned prime_bits, unsigned rounds);

}  // namespace emvcrypto::factory
