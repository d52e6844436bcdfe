/// What the certificates inside exchange files have in common.
#pragma once

#include "emvcrypto/dates.h"
#include "emvcrypto/rsa.h"
#include "kpd/certificates/file_layout.h"

namespace kpd {

constexpr std::size_t kHashSize = 20;

/// The key's public function over `certificate`, split by `layout`. Fault "cert-length" when it is
/// not as long as the key or no number below its modulus, "cert-key" when what comes out is no such
/// block: another key signed it.
Expected<FieldValues> open_block(const emvcrypto::RsaPublicKey& key, ByteView certificate,
                                 const FileLayout& layout);

/// A self-signed block holds the leftmost bytes of the key that signed it and the lengths of its
/// numbers. Fault "cert-key".
Expected<void> check_own_key(const FieldValues& block, const emvcrypto::RsaPublicKey& key);

/// Field `name` of file and signed part are equal. Fault "cert-contradiction".
Expected<void> check_same(const FieldValues& file, const FieldValues& block, std::string_view name);

/// A key whose numbers a scheme takes: exponent 3 or 65537, odd modulus of 64 to 248 bytes that
/// begins with a bit of its first byte. Faults "cert-exponent", "cert-modulus".
Expected<void> check_numbers(const emvcrypto::RsaPublicKey& key);

/// The last day of a month MMYY. Fault "cert-expiry" when it is none.
Expected<emvcrypto::Date> last_day_of(ByteView mmyy);

}  // namespace kpd
