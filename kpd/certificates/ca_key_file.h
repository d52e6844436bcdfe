/// CA public keys as schemes hand them out: files with the key's own signature.
#pragma once

#include "kpd/certificates/request_file.h"
#include "kpd/plan/certificate_files.h"

namespace kpd {

/// A CA key that was read; its own signature holds.
struct CaKeyFile {
  FileFamily family = FileFamily::indexed;
  CaKey ca;
  FieldValues file, block;
};

/// Fault "file-layout", "cert-key", "cert-hash", "cert-contradiction" ...: why it is none.
Expected<CaKeyFile> read_ca_file(ByteView file);

/// The hash in a file that comes beside it (of the indexed family, 20 bytes, or as text). Faults
/// "file-layout", "cert-contradiction".
Expected<Bytes> read_ca_hash(const CaKey& ca, ByteView file);

/// The files by which a CA publishes its key. expiry: MMYY; serial: 3 bytes (indexed family);
/// service_id: 4 bytes (tracked family).
struct CaFileOrder {
  const SchemeFormat* format = nullptr;
  Bytes rid;
  std::uint8_t index = 0;
  Bytes expiry, serial, service_id;
};
std::vector<NamedFile> make_ca_files(const CaFileOrder& order, emvcrypto::RsaSigner& signer);

}  // namespace kpd
