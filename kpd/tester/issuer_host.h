/// The issuer's host as the terminal sees it: it judges cryptograms and answers them.
#pragma once

#include <string>
#include <vector>

#include "emvcrypto/cryptogram.h"
#include "emvcrypto/derivation.h"
#include "emvcrypto/fault.h"

namespace kpd::tester {

/// A data object as it went to the card in a DOL.
struct SentValue {
  emvcrypto::Tag tag = 0;
  emvcrypto::Bytes value;
};

/// Everything that a host needs to judge one application cryptogram.
struct CryptogramInput {
  emvcrypto::Bytes aid;
  std::string pan;                                        ///< digits
  std::string psn = "00";                                 ///< 2 digits
  const emvcrypto::CryptogramVersion* version = nullptr;  ///< never nullptr when a host is asked
  emvcrypto::UdkOption udk_option = emvcrypto::UdkOption::a;
  std::vector<SentValue> sent;     ///< CDOL1's objects, then CDOL2's; the last of a tag holds
  emvcrypto::Bytes aip;            ///< 2
  emvcrypto::Bytes atc;            ///< 2
  emvcrypto::Bytes iad;            ///< 9F10; may be empty
  emvcrypto::Bytes ac;             ///< 8
  emvcrypto::Bytes unpredictable;  ///< 9F37 of the first GENERATE AC, 4
};

/// The host's answer.
struct HostAnswer {
  bool arqc_right = false;
  emvcrypto::Bytes issuer_authentication_data;  ///< tag 91; empty: the host sends none
  emvcrypto::Bytes response_code;               ///< tag 8A, 2 characters
};

/// Implemented over an HSM by HsmIssuerHost; over clear keys in tests.
class IssuerHost {
 public:
  virtual ~IssuerHost() = default;

  /// Judges a cryptogram and answers it with an approval. A Fault says why it cannot be judged (no
  /// key for this AID, data missing); a device that fails throws its own error.
  virtual emvcrypto::Expected<HostAnswer> verify(const CryptogramInput& input) = 0;
};

/// The bytes that the cryptogram was computed over, before padding: the version's terminal data,
/// then AIP, ATC and its part of the IAD (EMV 4.4 Book 2, 8.1.1). Fault "ac-data" when the card was
/// not sent one of the version's objects, or the IAD is too short.
emvcrypto::Expected<emvcrypto::Bytes> cryptogram_data(const CryptogramInput& input);

}  // namespace kpd::tester
