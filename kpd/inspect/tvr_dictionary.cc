#include "kpd/inspect/dictionary.h"

namespace kpd::inspect {
namespace {

constexpr BitMeaning kBits[] = {
    {1, 8, "offline data authentication not performed"},
    {1, 7, "SDA failed"},
    {1, 6, "data of the card missing"},
    {1, 5, "card on the terminal's exception file"},
    {1, 4, "DDA failed"},
    {1, 3, "CDA failed"},
    {1, 2, "SDA selected"},
    {1, 1, "XDA selected"},
    {2, 8, "card and terminal have different application versions"},
    {2, 7, "application expired"},
    {2, 6, "application not yet effective"},
    {2, 5, "service not allowed for this card"},
    {2, 4, "new card"},
    {2, 2, "biometric performed and successful"},
    {2, 1, "biometric template format not supported"},
    {3, 8, "cardholder verification not successful"},
    {3, 7, "unrecognised CVM"},
    {3, 6, "PIN try limit exceeded"},
    {3, 5, "PIN wanted, PIN pad absent or out of order"},
    {3, 4, "PIN wanted, PIN pad present, PIN not entered"},
    {3, 3, "online PIN or other online CVM captured"},
    {3, 2, "biometric wanted, capture device out of order"},
    {3, 1, "biometric wanted, capture device present, entry bypassed"},
    {4, 8, "floor limit exceeded"},
    {4, 7, "lower consecutive offline limit exceeded"},
    {4, 6, "upper consecutive offline limit exceeded"},
    {4, 5, "selected at random for online"},
    {4, 4, "merchant forced the transaction online"},
    {4, 3, "biometric try limit exceeded"},
    {4, 2, "biometric type not supported"},
    {4, 1, "XDA signature verification failed"},
    {5, 8, "default TDOL used"},
    {5, 7, "issuer authentication failed"},
    {5, 6, "script failed before the final GENERATE AC"},
    {5, 5, "script failed after the final GENERATE AC"},
    {5, 4, "reserved for contactless"},
    {5, 3, "ECC key of the CA missing"},
    {5, 2, "ECC key recovery failed"},
    {5, 1, "reserved for contactless"},
};

}  // namespace

std::span<const BitMeaning> tvr_bits() {
  return kBits;
}

}  // namespace kpd::inspect
