/// The cryptogram versions that a chip of this kind knows.
#pragma once

#include <array>
#include <optional>

#include "emvcrypto/tlv.h"
#include "kpd/chip/config.h"

namespace kpd::chip {

/// Where the key of an application cryptogram comes from.
enum class AcKeyRule {
  master,              ///< the card's master key itself
  counter,             ///< R = ATC | 00*6 (EMV 4.4 Book 2, A1.3.1)
  counter_and_unknown  ///< R = ATC | 00 00 | unpredictable number
};

/// How the issuer proves itself (EMV 4.4 Book 2, 8.2).
enum class ArpcRule {
  method_1,  ///< 8 bytes over ARQC and ARC
  method_2   ///< 4 bytes over ARQC, CSU and proprietary data
};

/// One cryptogram version under one layout of issuer application data.
struct CryptogramRule {
  IadLayout layout;
  std::uint8_t number;
  AcKeyRule key;
  bool pad_with_zeros;  ///< else 80 00*
  bool whole_iad;       ///< the input ends with all of 9F10, else with the CVR
  bool with_counters;   ///< and with the counters behind it (8 bytes)
  ArpcRule arpc;
  bool arpc_by_master;  ///< the issuer answers under the master key, else under the session key
};

/// Nothing when this kind of chip does not know the version.
const CryptogramRule* find_rule(IadLayout layout, std::uint8_t number);

/// What the terminal contributes to every cryptogram, in order and length.
inline constexpr std::array<emvcrypto::DolEntry, 8> kTerminalInput{{{0x9F02, 6},
                                                                    {0x9F03, 6},
                                                                    {0x9F1A, 2},
                                                                    {0x95, 5},
                                                                    {0x5F2A, 2},
                                                                    {0x9A, 3},
                                                                    {0x9C, 1},
                                                                    {0x9F37, 4}}};

/// Where the version number and the card verification results stand in 9F10.
struct IadShape {
  std::size_t number_at;
  std::size_t cvr_at;
  std::size_t cvr_length;
  std::size_t counters_at;  ///< 0: the layout has none
};
IadShape shape_of(IadLayout layout);

/// Whether a personalised 9F10 has this layout and names a version that the chip knows.
bool is_issuer_data(IadLayout layout, ByteView value);

}  // namespace kpd::chip
