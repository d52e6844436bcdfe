#include "kpd/inspect/dictionary.h"

namespace kpd::inspect {
namespace {

constexpr BitMeaning kBits[] = {
    {1, 8, "XDA supported"},
    {1, 7, "SDA supported"},
    {1, 6, "DDA supported"},
    {1, 5, "cardholder verification supported"},
    {1, 4, "terminal risk management to be performed"},
    {1, 3, "issuer authentication supported"},
    {1, 2, "cardholder verification on the device supported (contactless)"},
    {1, 1, "CDA supported"},
    {2, 8, "EMV mode supported (contactless)"},
    {2, 7, "mobile phone (contactless)"},
    {2, 6, "contactless transaction"},
    {2, 1, "relay resistance protocol supported (contactless)"},
};

}  // namespace

std::span<const BitMeaning> aip_bits() {
  return kBits;
}

}  // namespace kpd::inspect
