/// Requests for issuer certificates, as files for a scheme.
#pragma once

#include "emvcrypto/rsa.h"
#include "kpd/certificates/scheme_format.h"

namespace kpd {

struct NamedFile {
  std::string name;
  Bytes content;
};

/// What an issuer asks for.
struct RequestOrder {
  const SchemeFormat* format = nullptr;
  Bytes issuer_id;   ///< 4 bytes: 3-8 digits, F on the right
  Bytes expiry;      ///< 2 bytes, MMYY
  Bytes tracking;    ///< 3 bytes
  Bytes key_index;   ///< 3 bytes; files of the indexed family have it
  Bytes service_id;  ///< 4 bytes; files of the tracked family have it
  emvcrypto::Date day;
};

/// The files of a request, the key's hash among them where the format has a file for it, signed by
/// the issuer's own key.
struct RequestFiles {
  std::vector<NamedFile> files;
  Bytes hash;  ///< of the signed part, for the paper that goes another way
};
RequestFiles make_request(const RequestOrder& order, emvcrypto::RsaSigner& signer);

/// A request that was read: its own signature holds and all that it says twice agrees.
struct IssuerRequest {
  FileFamily family = FileFamily::indexed;
  emvcrypto::RsaPublicKey key;
  Bytes issuer_id, expiry, tracking;
  Bytes key_index;   ///< indexed
  Bytes service_id;  ///< tracked
  Bytes hash;
  FieldValues file, block;
};

/// Fault "file-layout", "cert-key", "cert-hash", "cert-contradiction" ...: why it is none.
Expected<IssuerRequest> read_request(ByteView file);

/// The hash in a hash file of any form. Fault "file-layout"; "cert-contradiction" when the file is
/// for another key than the request.
Expected<Bytes> read_request_hash(const IssuerRequest& request, ByteView file);

/// Four bytes: 3 to 8 digits and F on the right.
bool is_issuer_id(ByteView issuer_id);

}  // namespace kpd
