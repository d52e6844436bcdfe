/// A payment application and a directory for the chip's tests, and the chip that takes them.
#pragma once

#include "emvcrypto/tlv.h"
#include "host_session.h"
#include "kpd/chip/chip.h"
#include "rsa_keys.h"

namespace chiptest {

using emvcrypto::make_tlv;
using kpd::chip::Chip;
using kpd::chip::ChipConfig;
using kpd::chip::IadLayout;

inline const Bytes kPaymentAid = from_hex("F04B5044000001");
inline const Bytes kDirectoryAid = from_hex("315041592E5359532E4444463031");
inline const Bytes kAcKey = from_hex("154F349D8585CB7F6B0798E9839B10C1");
inline const Bytes kSmiKey = from_hex("2A2B2C2D2E2F30313233343536373839");
inline const Bytes kSmcKey = from_hex("404142434445464748494A4B4C4D4E4F");
inline const Bytes kNumberKey = from_hex("0123456789ABCDEFFEDCBA9876543210");
inline const Bytes kPinBlock = from_hex("241234FFFFFFFFFF");

inline HostKeys host_keys() {
  return {from_hex("100102030405060708090A0B0C0D0E0F"),
          from_hex("101102030405060708090A0B0C0D0E0F"),
          from_hex("102102030405060708090A0B0C0D0E0F")};
}

inline ChipConfig chip_config(IadLayout iad = IadLayout::cvr4) {
  ChipConfig config;
  const HostKeys keys = host_keys();
  config.key_data = from_hex("0A0B0C0D0E0F00000001");
  config.keys = {emvcrypto::Secret(keys.enc), emvcrypto::Secret(keys.mac),
                 emvcrypto::Secret(keys.dek)};
  config.instances.push_back({kDirectoryAid, kpd::chip::ApplicationKind::directory, {}, false});
  config.instances.push_back({kPaymentAid, kpd::chip::ApplicationKind::payment, iad, false});
  return config;
}

inline void add_crt(Dgis& dgis, unsigned first, const KeyText& key) {
  dgis[first] = from_hex(key.qinv);
  dgis[first + 1] = from_hex(key.dq);
  dgis[first + 2] = from_hex(key.dp);
  dgis[first + 3] = from_hex(key.q);
  dgis[first + 4] = from_hex(key.p);
}

inline const char* const kCdol1 = "9F02069F03069F1A0295055F2A029A039C019F3704";
inline const char* const kCdol2 = "8A02910A95059F3704";

/// Every grouping of a payment application with SDA, DDA, CDA, PIN and issuer authentication.
/// issuer_data: 9F10 as personalised.
inline Dgis payment_dgis(const char* issuer_data = "06010A03000000", const char* aip = "7D00") {
  Dgis dgis;
  dgis[0x0101] = from_hex("70165A0847617390010100105F24034912315F3401019F070200FF");
  dgis[0x0101][1] = static_cast<std::uint8_t>(dgis[0x0101].size() - 2);
  Bytes dols = make_tlv(0x8C, from_hex(kCdol1));
  append(dols, make_tlv(0x8D, from_hex(kCdol2)));
  append(dols, make_tlv(0x9F49, from_hex("9F3704")));
  dgis[0x0201] = make_tlv(0x70, dols);
  Bytes certificates = make_tlv(0x9F46, Bytes(148, 0xC1));
  append(certificates, make_tlv(0x9F47, from_hex("03")));
  append(certificates, make_tlv(0x9F2E, from_hex("03")));
  dgis[0x0301] = make_tlv(0x70, certificates);
  dgis[0x0B01] = from_hex("0102030405");
  dgis[0x0D01] = from_hex("9F5801059F590108");
  dgis[0x0E01] = from_hex("9F5202C000");
  dgis[0x3000] = from_hex("9F360200009F4F039A0301");
  dgis[0x8000] = concat({kAcKey, kSmiKey, kSmcKey});
  dgis[0x8010] = kPinBlock;
  add_crt(dgis, 0x8201, kKey1184);
  add_crt(dgis, 0x8301, kKey1024);
  dgis[0x9000] = concat({kcv(kAcKey), kcv(kSmiKey), kcv(kSmcKey)});
  dgis[0x9010] = from_hex("0303");
  dgis[0x9102] = from_hex("A508500454455354870101");
  dgis[0x9102][1] = static_cast<std::uint8_t>(dgis[0x9102].size() - 2);
  Bytes options = make_tlv(0x82, from_hex(aip));
  append(options, make_tlv(0x94, from_hex("080101011001010018010100"
                                          "58010100")));
  dgis[0x9104] = options;
  dgis[0x9200] = make_tlv(0x9F10, from_hex(issuer_data));
  dgis[0xA006] = kNumberKey;
  return dgis;
}

inline Dgis directory_dgis() {
  Dgis dgis;
  dgis[0x0101] = make_tlv(
      0x70,
      make_tlv(0x61, concat({make_tlv(0x4F, kPaymentAid), make_tlv(0x50, from_hex("54455354"))})));
  dgis[0x9102] = from_hex("A503880101");
  return dgis;
}

/// Selects an instance, opens a channel and stores everything; the last status.
inline unsigned personalise(ChipPort& chip, const Bytes& aid, const Dgis& dgis,
                            unsigned level = 1) {
  select(chip, aid);
  HostSession session(chip, host_keys());
  const unsigned status = session.open(level);
  return status == 0x9000 ? session.personalise(dgis) : status;
}

/// A powered chip with its payment application personalised.
inline std::unique_ptr<Chip> personalised_chip(const Dgis& dgis = payment_dgis(),
                                               IadLayout iad = IadLayout::cvr4) {
  auto chip = std::make_unique<Chip>(chip_config(iad));
  chip->power_on();
  if (personalise(*chip, kPaymentAid, dgis) != 0x9000)
    throw std::runtime_error("the sample card was refused");
  return chip;
}

}  // namespace chiptest
