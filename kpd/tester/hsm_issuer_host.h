/// The issuer's host over its token: cryptograms are computed with keys that stay in the device.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "hsm/token.h"
#include "kpd/tester/issuer_host.h"

namespace kpd::tester {

/// How the host answers an ARQC that is right.
struct Approval {
  emvcrypto::Bytes response_code{0x30, 0x30};    ///< 8A: approved
  emvcrypto::Bytes arpc_code;                    ///< ARPC method 1; empty: the response code
  emvcrypto::Bytes csu{0x00, 0x80, 0x00, 0x00};  ///< ARPC method 2: issuer approves online
  emvcrypto::Bytes proprietary;                  ///< ARPC method 2, 0-8 bytes
};

/// Judges and answers cryptograms (EMV 4.4 Book 2, 8): UDK from the issuer's master key, session
/// key from the UDK, both derived inside the device and gone after use.
class HsmIssuerHost : public IssuerHost {
 public:
  /// The issuer's master key for cryptograms of an AID; nothing when there is none. The key must
  /// be DES2 or DES3 and may derive.
  using MasterKeys = std::function<std::optional<hsm::Key>(emvcrypto::ByteView aid)>;

  HsmIssuerHost(std::shared_ptr<hsm::Token> token, MasterKeys masters, Approval approval = {});

  /// Faults "ac-key" (no master key for this AID), "ac-option" (UDK option C is not for DES keys),
  /// "ac-length" (the card's ATC, AC or PAN cannot be used), "ac-data" (see cryptogram_data).
  /// hsm::Error comes through.
  emvcrypto::Expected<HostAnswer> verify(const CryptogramInput& input) override;

 private:
  emvcrypto::RetailMacKey key_of(const CryptogramInput& input, const hsm::Key& master,
                                 emvcrypto::SessionKeyRule rule) const;
  emvcrypto::Bytes issuer_data(const CryptogramInput& input, emvcrypto::RetailMacKey key) const;

  std::shared_ptr<hsm::Token> token_;
  MasterKeys masters_;
  Approval approval_;
};

}  // namespace kpd::tester
