// Commands of any bytes against a chip with an issuer security domain: always an answer of 2 to 258
// bytes, never anything else.
//
// The first byte chooses: b1 a session of level 00 is open, b2 SCP03, b3 two instances are there.
// Then commands follow, each after a byte of length.
#include <cstdlib>

#include "test/unit/chip/managed_card.h"

namespace {

constexpr std::uint8_t kSession = 0x01;
constexpr std::uint8_t kAes = 0x02;
constexpr std::uint8_t kInstances = 0x04;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiptest;
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  const bool aes = (mode & kAes) != 0;
  ManagedCard card(aes ? managed_config(kpd::chip::Scp03Option::i70) : managed_config(),
                   aes ? aes_host_keys() : host_keys());
  if ((mode & kInstances) != 0) {
    card.opened(0x00);
    if (card.run("80E60C00", install_data(kPaymentModule, kPaymentAid)) != 0x9000 ||
        card.run("80E60C00", install_data(kFileModule, {})) != 0x9000)
      std::abort();
    card.chip.power_on();
  }
  if ((mode & kSession) != 0) card.opened(0x00);
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const std::size_t length = std::min<std::size_t>(rest[0], rest.size() - 1);
    const Bytes answer = card.chip.transmit(rest.subspan(1, length));
    if (answer.size() < 2 || answer.size() > 258) std::abort();
    rest = rest.subspan(1 + length);
  }
  return 0;
}
