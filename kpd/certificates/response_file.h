/// A scheme's answer to a request: an issuer public key certificate (EMV 4.4 Book 2, 5.1) in a
/// file.
#pragma once

#include "kpd/certificates/request_file.h"
#include "kpd/plan/certificate_files.h"

namespace kpd {

/// What can be told of a response without the CA's key. The family is a guess where the first byte
/// may be the header of one or the issuer identifier of the other.
struct ResponseHead {
  FileFamily family = FileFamily::indexed;
  std::uint8_t ca_index = 0;
};
/// Both readings of a file, the likelier first. Fault "file-layout" when there is none.
Expected<std::vector<ResponseHead>> response_heads(ByteView file);

/// A response that holds in itself and under its CA key.
struct IssuerResponse {
  FileFamily family = FileFamily::indexed;
  std::uint8_t ca_index = 0;
  emvcrypto::IssuerCertificate content;
  emvcrypto::Date last_day;
  Bytes certificate, remainder;
  Bytes key_index;   ///< indexed
  Bytes service_id;  ///< tracked
  FieldValues file;
  Bytes opened;  ///< what the certificate's signature gives
};

/// Reads and checks everything that needs no more than the CA's key: certificate, hash, lengths,
/// what file and certificate both say, detached signature. Faults "file-layout", "cert-...".
Expected<IssuerResponse> read_response(FileFamily family, ByteView file, const CaKey& ca);

/// The answer of a CA to a request.
struct ResponseOrder {
  const SchemeFormat* format = nullptr;
  const IssuerRequest* request = nullptr;
  Bytes expiry, serial;  ///< MMYY; 3 bytes
  Bytes rid;
  std::uint8_t ca_index = 0;
  emvcrypto::Date day;
};
/// Throws std::invalid_argument when the issuer's key is longer than the CA's.
NamedFile make_response(const ResponseOrder& order, emvcrypto::RsaSigner& ca);

}  // namespace kpd
