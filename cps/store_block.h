/// The headers of STORE DATA commands, which are numbered (EMV CPS 1.1, 3.2.7).
#pragma once

#include <array>
#include <cstdint>

namespace cps {

/// P2 counts the commands of an application from 00; FF is followed by 00.
class StoreBlock {
 public:
  std::uint8_t number() const { return number_; }
  std::array<std::uint8_t, 4> header(std::uint8_t p1) const { return {0x80, 0xE2, p1, number_}; }
  void next() { ++number_; }

 private:
  std::uint8_t number_ = 0;
};

}  // namespace cps
