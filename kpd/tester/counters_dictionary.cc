// Data objects that change by the card's own doing, so that they cannot be compared.
#include <algorithm>
#include <array>

#include "kpd/tester/compare.h"

namespace kpd::tester {
namespace {

constexpr auto kCounters = std::to_array<emvcrypto::Tag>({
    0x9F13,  // last online ATC
    0x9F17,  // PIN try counter
    0x9F36,  // ATC
    0x9F50,  // offline accumulator or balance
    0x9F5D,  // available offline spending amount
    0x9F79,  // electronic cash balance
});

}  // namespace

bool is_counter(emvcrypto::Tag tag) {
  return std::find(kCounters.begin(), kCounters.end(), tag) != kCounters.end();
}

}  // namespace kpd::tester
