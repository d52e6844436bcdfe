#include "emvcrypto/certificate_layout.h"

#include <algorithm>

#include "emvcrypto/hash.h"

namespace emvcrypto::certificate {
namespace {

Bytes hash_of(ByteView hashed, std::initializer_list<ByteView> extra) {
  return sha1({hashed, concat(extra)});
}

}  // namespace

Bytes seal(Bytes start, std::initializer_list<ByteView> extra) {
  append(start, hash_of(ByteView(start).subspan(1), extra));
  start.push_back(kTrailer);
  return start;
}

Expected<Bytes> open(const RsaPublicKey& key, ByteView signed_block, std::uint8_t format,
                     std::size_t overhead) {
  if (signed_block.size() != key.size() || key.size() < overhead)
    return fault("cert-length", "signed data are not as long as the key that signed them");
  if (!std::ranges::lexicographical_compare(signed_block, key.modulus))
    return fault("cert-length", "signed data are no number below the modulus of their key");
  Bytes opened = rsa_recover(key, signed_block);
  if (opened.back() != kTrailer)
    return fault("cert-trailer", "recovered data do not end with BC: another key signed them");
  if (opened[0] != kHeader) return fault("cert-header", "recovered data do not start with 6A");
  if (opened[1] != format)
    return fault("cert-format", "recovered data are of another kind than their place says");
  return opened;
}

bool hash_holds(ByteView opened, std::initializer_list<ByteView> extra) {
  const ByteView hashed = opened.subspan(1, opened.size() - 1 - kTail);
  return std::ranges::equal(hash_of(hashed, extra),
                            opened.subspan(opened.size() - kTail, kHashSize));
}

}  // namespace emvcrypto::certificate
