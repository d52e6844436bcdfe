/// Keys, issuers and host windows of a job.
#pragma once

#include <optional>
#include <string>

#include "emvcrypto/certificates.h"
#include "emvcrypto/dates.h"

namespace kpd {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A key of the job by its role: where it is and which one it must be.
struct KeyPlan {
  std::string role;  ///< "KEK1", "IMK-AC"
  std::string uri;   ///< pkcs11: URI or label in the party's token
  Bytes kcv;
  std::size_t block_size = 0;  ///< of its cipher: 8 (3DES), 16 (AES); 0: no cipher, or not known
};

/// How an issuer signs: its key in the HSM, its certificate and the CA key above.
struct IssuerPlan {
  std::string name;
  std::string key_uri;
  emvcrypto::RsaPublicKey key;
  Bytes certificate, remainder;  ///< tags 90 and 92
  Bytes issuer_id;
  emvcrypto::Date last_day;  ///< of the certificate's validity
  Bytes rid;
  std::uint8_t ca_index = 0;
  emvcrypto::RsaPublicKey ca;
  std::uint32_t serial_base = 0;   ///< first certificate serial; see certificate_serial()
  std::uint32_t serial_count = 0;  ///< how many are the job's own; 0: not said
};

/// Host windows that a job allows: clear secrets in host memory for a moment.
struct WindowPolicy {
  bool card_keys = false, pins = false, icc_keys = false, record_mac = false;
};

/// The 3-byte serial of certificate `which` (0 ICC, 1 PIN encipherment) of the card at this
/// ordinal: base + 2 * ordinal + which. Unique per issuer key as long as job bases are at least
/// twice the record count apart; nothing once it outgrows 3 bytes or the job's own serials.
std::optional<Bytes> certificate_serial(const IssuerPlan& issuer, std::uint64_t ordinal, int which);

}  // namespace kpd
