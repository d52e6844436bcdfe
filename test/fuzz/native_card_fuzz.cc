// Commands of any bytes against a native card, while it is made and afterwards: always an answer of
// 2 to 258 bytes, never anything else.
//
// The first byte chooses: b1 a session of level 00 is open, b2 SCP03, b3 two DFs are made, b4 the
// card is finished, b5 its ATR is of T=0. Then commands follow, each after a byte of length; length
// FF is a reset.
#include <algorithm>
#include <cstdlib>

#include "test/unit/chip/native_maker.h"

namespace {

constexpr std::uint8_t kSession = 0x01;
constexpr std::uint8_t kAes = 0x02;
constexpr std::uint8_t kMade = 0x04;
constexpr std::uint8_t kFinished = 0x08;
constexpr std::uint8_t kT0 = 0x10;
constexpr std::uint8_t kReset = 0xFF;

void need(unsigned status) {
  if (status != 0x9000) std::abort();
}

chiptest::ChipConfig config_of(std::uint8_t mode) {
  using namespace chiptest;
  ChipConfig config =
      (mode & kAes) != 0 ? native_config(kpd::chip::Scp03Option::i00) : native_config();
  if ((mode & kT0) != 0) config.atr = from_hex("3B600000");
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chiptest;
  if (size == 0) return 0;
  const std::uint8_t mode = data[0];
  // The host of these tests speaks T=1: over T=0 the card stays as the bytes find it.
  const bool t0 = (mode & kT0) != 0;
  NativeHost card(config_of(mode), (mode & kAes) != 0 ? aes_host_keys() : host_keys());
  if ((mode & (kMade | kFinished)) != 0 && !t0) {
    need(card.host.open(0x00));
    need(card.fill_card());
    if ((mode & kFinished) != 0) need(card.activate());
    card.chip.power_on();
  }
  if ((mode & kSession) != 0 && (mode & kFinished) == 0 && !t0) need(card.host.open(0x00));
  ByteView rest(data + 1, size - 1);
  while (!rest.empty()) {
    const bool reset = rest[0] == kReset;
    const std::size_t length = reset ? 0 : std::min<std::size_t>(rest[0], rest.size() - 1);
    if (reset) {
      card.chip.power_on();
    } else {
      const Bytes answer = card.chip.transmit(rest.subspan(1, length));
      if (answer.size() < 2 || answer.size() > 258) std::abort();
    }
    rest = rest.subspan(1 + length);
  }
  return 0;
}
