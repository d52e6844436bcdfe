/// What kind of terminal the tester is, and what it may try. Plain values: no file, no clock.
#pragma once

#include <array>
#include <cstdint>

#include "emvcrypto/bytes.h"
#include "emvcrypto/dates.h"

namespace kpd::tester {

/// Which proofs of the PIN may be tried. Each sends one VERIFY at most.
struct PinTests {
  bool plaintext = false;
  bool enciphered = false;
};

/// One terminal at one moment.
struct TerminalProfile {
  unsigned country = 0;                                        ///< ISO 3166 numeric (9F1A)
  unsigned currency = 0;                                       ///< ISO 4217 numeric (5F2A)
  std::uint8_t type = 0x22;                                    ///< 9F35; attended, offline capable
  std::array<std::uint8_t, 3> capabilities{0xE0, 0xF8, 0xC8};  ///< 9F33
  std::array<std::uint8_t, 5> additional_capabilities{0x60, 0x00, 0xF0, 0xA0, 0x01};  ///< 9F40
  std::uint64_t amount = 1000;           ///< 9F02, minor units
  std::uint64_t amount_other = 0;        ///< 9F03
  std::array<std::uint8_t, 5> tvr{};     ///< 95 at the start
  std::uint8_t transaction_type = 0x00;  ///< 9C: purchase
  emvcrypto::Date date;                  ///< 9A; given by the caller
  std::uint32_t floor_limit = 0;         ///< 9F1B
  std::array<std::uint8_t, 5> tac_denial{}, tac_online{}, tac_default{};
  PinTests test;
  bool cda_on_second = false;    ///< ask for CDA in the second GENERATE AC too (Book 4, 6.3.2.1)
  bool pse_required = false;     ///< a card without a PSE is faulty
  unsigned command_limit = 800;  ///< after so many commands a card is said to go in circles
};

}  // namespace kpd::tester
