// Commands of any bytes against a blank chip, a chip in a personalisation session and a
// personalised one: always an answer of 2 to 258 bytes, never anything else.
//
// The first byte chooses: b1 personalised, b2 layout cvr6, b3 a session of level 00 is open, b4 the
// directory instead of the payment instance. Then commands follow, each after a byte of length.
#include <cstdlib>

#include "test/unit/chip/sample_card.h"

namespace {

constexpr std::uint8_t kPersonalised = 0x01;
constexpr std::uint8_t kCvr6 = 0x02;
constexpr std::uint8_t kSession = 0x04;
constexpr std::uint8_t kDirectory = 0x08;

/// The same "random" bytes in every run, so that a finding can be repeated.
kpd::chip::Random repeatable() {
  return [next = std::uint8_t{1}](emvcrypto::MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = next += 37;
  };
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiptest;
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  const bool cvr6 = (mode & kCvr6) != 0;
  Chip chip(chip_config(cvr6 ? IadLayout::cvr6 : IadLayout::cvr4), repeatable());
  chip.power_on();
  if ((mode & kPersonalised) != 0) {
    const Dgis dgis = cvr6 ? payment_dgis("0110000000000000DAC00000000000000000")
                           : payment_dgis("06011203000000");
    if (personalise(chip, kPaymentAid, dgis) != 0x9000) std::abort();
  }
  select(chip, (mode & kDirectory) != 0 ? kDirectoryAid : kPaymentAid);
  HostSession session(chip, host_keys());
  if ((mode & kSession) != 0) session.open(0);
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
    const Bytes answer = chip.transmit(rest.subspan(1, length));
    if (answer.size() < 2 || answer.size() > 258) std::abort();
    rest = rest.subspan(1 + length);
  }
  return 0;
}
