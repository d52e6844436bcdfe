#include "kpd/certificates/detached_signature.h"

#include <algorithm>

#include "emvcrypto/hash.h"

namespace kpd {
namespace {

/// DigestInfo of SHA-1 (PKCS #1 v1.5, A.2.4) without the hash, or EMV's hash algorithm indicator.
Bytes prefix_of(DetachedForm form) {
  return emvcrypto::from_hex(form == DetachedForm::algorithm ? "01"
                                                             : "3021300906052B0E03021A05000414");
}

}  // namespace

Bytes detached_block(DetachedForm form, ByteView covered, std::size_t size) {
  const Bytes end = emvcrypto::concat({Bytes{0}, prefix_of(form), emvcrypto::sha1({covered})});
  Bytes block(size - end.size(), 0xFF);
  block[0] = 0x00;
  block[1] = 0x01;
  emvcrypto::append(block, end);
  return block;
}

Expected<void> check_detached(const emvcrypto::RsaPublicKey& ca, ByteView signature,
                              ByteView covered) {
  if (signature.size() == ca.size() &&
      std::ranges::lexicographical_compare(signature, ca.modulus)) {
    const Bytes opened = emvcrypto::rsa_recover(ca, signature);
    for (const DetachedForm form : {DetachedForm::digest_info, DetachedForm::algorithm})
      if (opened == detached_block(form, covered, ca.size())) return {};
  }
  return emvcrypto::fault("cert-detached",
                          "the detached signature does not hold: the file was changed, or another "
                          "key signed it");
}

}  // namespace kpd
