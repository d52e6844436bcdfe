// The public cryptogram versions. Where a row's facts are not certain, it says so: MED is one or
// two secondary sources that agree, LOW a single hint. All others were checked against vectors.
#include <algorithm>

#include "emvcrypto/cryptogram.h"

namespace emvcrypto {
namespace {

// The minimum set of EMV 4.4 Book 2, Table 26: amounts, terminal's country, TVR, currency, date,
// type, unpredictable number.
constexpr Tag kCommonData[] = {0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37};
// The short contactless cryptogram: amount and unpredictable number.
constexpr Tag kFastData[] = {0x9F02, 0x9F37};

// 9F10 of Visa format 0/1/3: length 06, key index, version, CVR (length 03 and 3 bytes), own data;
// of format 2: length 1F, version, key index, CVR (5 bytes), own data.
constexpr std::size_t kVisaNumberAt = 2;
constexpr std::size_t kVisaFormat2NumberAt = 1;
constexpr IadPart kVisaCvr{3, 4};
constexpr IadPart kVisaSecondCvrByte{4, 1};
constexpr IadPart kWhole{0, IadPart::kToEnd};

// 9F10 of M/Chip: key index, version, CVR (6 bytes), DAC or ICC dynamic number (2), counters (8).
constexpr std::size_t kMChipNumberAt = 1;
constexpr IadPart kMChipCvr{2, 6};
constexpr IadPart kMChipCounters{10, 8};

// 9F10 of format A (EMV 4.4 Book 3, C9.2): length 0F, CCI, key index, CVR (5 bytes), counters, own
// data.
constexpr std::size_t kFormatANumberAt = 1;
constexpr IadPart kNone{};

using enum SessionKeyRule;
constexpr auto kZeros = MacPadding::zeros;
constexpr auto kMethod2 = MacPadding::method_2;
constexpr auto kOne = ArpcMethod::one;
constexpr auto kTwo = ArpcMethod::two;

// name, number, its place, AC key, ARPC key, padding, ARPC, terminal data, AIP, part of 9F10,
// counters
constexpr CryptogramVersion kVersions[] = {
    {"visa-cvn10", 0x0A, kVisaNumberAt, none, none, kZeros, kOne, kCommonData, true, kVisaCvr,
     kNone},
    // MED for its input (amount, UN, ATC, byte 5 of 9F10); it knows no issuer authentication, so
    // the ARPC columns are those of version 10 (LOW).
    {"visa-cvn17", 0x11, kVisaNumberAt, none, none, kZeros, kOne, kFastData, false,
     kVisaSecondCvrByte, kNone},
    {"visa-cvn18", 0x12, kVisaNumberAt, common, common, kMethod2, kTwo, kCommonData, true, kWhole,
     kNone},
    // MED: version 18 with 9F10 of format 2.
    {"visa-cvn22", 0x22, kVisaFormat2NumberAt, common, common, kMethod2, kTwo, kCommonData, true,
     kWhole, kNone},
    // MED for its number, the CCI of a common core application with 3DES.
    {"ccd-a5", 0xA5, kFormatANumberAt, common, common, kMethod2, kTwo, kCommonData, true, kWhole,
     kNone},
    {"mchip-16", 0x10, kMChipNumberAt, unpredictable, none, kMethod2, kOne, kCommonData, true,
     kMChipCvr, kNone},
    // The odd numbers take the counters in. MED for cards with 8 bytes of them, in clear; those
    // with 16 bytes need a row of their own.
    {"mchip-17", 0x11, kMChipNumberAt, unpredictable, none, kMethod2, kOne, kCommonData, true,
     kMChipCvr, kMChipCounters},
    {"mchip-20", 0x14, kMChipNumberAt, common, common, kMethod2, kOne, kCommonData, true, kMChipCvr,
     kNone},
    {"mchip-21", 0x15, kMChipNumberAt, common, common, kMethod2, kOne, kCommonData, true, kMChipCvr,
     kMChipCounters},
};

}  // namespace

std::span<const CryptogramVersion> cryptogram_versions() {
  return kVersions;
}

const CryptogramVersion* find_cryptogram_version(std::string_view name) {
  const auto* found = std::ranges::find(kVersions, name, &CryptogramVersion::name);
  return found == std::end(kVersions) ? nullptr : found;
}

}  // namespace emvcrypto
