#include "kpd/chip/paced_port.h"

#include <catch2/catch.hpp>

using namespace kpd::chip;
using namespace std::chrono_literals;

namespace {

/// Answers every command with 9000.
class Echo : public ChipPort {
 public:
  Bytes atr() const override { return {0x3B, 0x00}; }
  Bytes power_on() override { return atr(); }
  void power_off() override {}
  Bytes warm_reset() override { return atr(); }
  Bytes transmit(ByteView) override { return {0x90, 0x00}; }
};

/// 11 bits a byte at 115,200 bit/s.
std::chrono::microseconds link_time(std::int64_t bytes) {
  return std::chrono::microseconds(bytes * 11 * 1'000'000 / 115'200);
}

}  // namespace

TEST_CASE("a paced slot answers as its own does, and not before its time") {
  Echo echo;
  PacedPort port(echo, {5ms, 115200});
  CHECK(port.power_on() == echo.power_on());
  CHECK(port.transmit(Bytes(100, 0x00)) == Bytes{0x90, 0x00});
  // 104 and 6 bytes of 11 bits
  CHECK(port.worked() >= 5ms + link_time(110));
  const auto before = port.worked();
  port.transmit(Bytes(255, 0x00));  // two blocks
  CHECK(port.worked() - before >= 5ms + link_time(269));
}
