/// GENERATE AC: its answer, and CDA over it (EMV 4.4 Book 3, 6.5.5; Book 2, 6.6).
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// What a card may answer and a terminal may ask for (bits 8-7 of P1 and of the CID).
enum class CryptogramType : std::uint8_t { aac = 0x00, tc = 0x40, arqc = 0x80, rfu = 0xC0 };

/// An answer to GENERATE AC.
struct AcAnswer {
  std::uint8_t cid = 0;
  emvcrypto::Bytes atc;        ///< 2
  emvcrypto::Bytes ac;         ///< 8; out of the signature where CDA was done
  emvcrypto::Bytes iad;        ///< 9F10; may be empty
  emvcrypto::Bytes signature;  ///< 9F4B; empty without CDA
  emvcrypto::Bytes hashed;     ///< the answer's data objects without 9F4B, for the hash of CDA

  CryptogramType type() const { return static_cast<CryptogramType>(cid & 0xC0); }
};

/// Reads format 1 (80) or 2 (77). Fault "ac-format".
emvcrypto::Expected<AcAnswer> parse_ac_answer(emvcrypto::ByteView data);

/// Checks an answer's CDA signature: terminal's unpredictable number, CID and the hash over
/// `transaction_data` (PDOL, CDOL1 and, the second time, CDOL2 values) and the answer's objects
/// (Book 2, 6.6.2). Takes the AC out of it. Fault codes of recover_sdad, "cda-data", "cda-cid",
/// "cda-hash". Returns the ICC dynamic number.
emvcrypto::Expected<emvcrypto::Bytes> open_cda(const emvcrypto::RsaPublicKey& icc_key,
                                               emvcrypto::ByteView unpredictable,
                                               emvcrypto::ByteView transaction_data,
                                               AcAnswer& answer);

/// What one GENERATE AC asks for.
struct AcRequest {
  CryptogramType type = CryptogramType::arqc;
  bool cda = false;
  emvcrypto::Bytes dol_values;        ///< CDOL1's or CDOL2's
  emvcrypto::Bytes transaction_data;  ///< for open_cda
  emvcrypto::Bytes unpredictable;
  std::string name;  ///< for the timeline
};

/// Sends it, reads the answer and checks CDA where it was asked for and is due. Nothing when there
/// is no usable answer; the findings say why.
cps::Dialogue<std::optional<AcAnswer>> generate_ac(ApplicationVisit& app, AcRequest request);

}  // namespace kpd::tester
