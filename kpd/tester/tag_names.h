/// The EMV data objects that the terminal itself must know, by name (EMV 4.4 Book 3, Annex A).
#pragma once

#include "emvcrypto/tlv.h"

namespace kpd::tester::tags {

using emvcrypto::Tag;

// selection
inline constexpr Tag kFci = 0x6F, kFciProprietary = 0xA5, kFciDiscretionary = 0xBF0C;
inline constexpr Tag kDfName = 0x84, kDirectorySfi = 0x88, kDirectoryEntry = 0x61, kAdfName = 0x4F;
inline constexpr Tag kLabel = 0x50, kPdol = 0x9F38;

// answers
inline constexpr Tag kRecord = 0x70, kFormat1 = 0x80, kFormat2 = 0x77, kCommandTemplate = 0x83;
inline constexpr Tag kAip = 0x82, kAfl = 0x94;

// cardholder and application
inline constexpr Tag kPan = 0x5A, kTrack2 = 0x57, kPsn = 0x5F34, kExpiry = 0x5F24;
inline constexpr Tag kEffective = 0x5F25, kCvmList = 0x8E, kCdol1 = 0x8C, kCdol2 = 0x8D;
inline constexpr Tag kPinTryCounter = 0x9F17;

// offline data authentication
inline constexpr Tag kCaIndex = 0x8F, kIssuerCertificate = 0x90, kIssuerRemainder = 0x92;
inline constexpr Tag kIssuerExponent = 0x9F32, kSsad = 0x93, kTagList = 0x9F4A;
inline constexpr Tag kIccCertificate = 0x9F46, kIccExponent = 0x9F47, kIccRemainder = 0x9F48;
inline constexpr Tag kPinCertificate = 0x9F2D, kPinExponent = 0x9F2E, kPinRemainder = 0x9F2F;
inline constexpr Tag kDdol = 0x9F49, kSdad = 0x9F4B, kDac = 0x9F45, kIccDynamicNumber = 0x9F4C;

// cryptograms
inline constexpr Tag kCid = 0x9F27, kAtc = 0x9F36, kAc = 0x9F26, kIad = 0x9F10;
inline constexpr Tag kIssuerAuthentication = 0x91, kArc = 0x8A, kUnpredictable = 0x9F37;

// terminal
inline constexpr Tag kAmount = 0x9F02, kAmountOther = 0x9F03, kTerminalCountry = 0x9F1A;
inline constexpr Tag kTvr = 0x95, kCurrency = 0x5F2A, kDate = 0x9A, kTransactionType = 0x9C;
inline constexpr Tag kTerminalType = 0x9F35, kCapabilities = 0x9F33, kMoreCapabilities = 0x9F40;
inline constexpr Tag kFloorLimit = 0x9F1B, kCvmResults = 0x9F34, kTime = 0x9F21, kAid = 0x9F06;

}  // namespace kpd::tester::tags
