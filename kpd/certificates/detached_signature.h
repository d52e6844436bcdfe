/// The signature behind a response of the tracked family: RSA over 00 01 FF .. FF 00 and the
/// SHA-1 of what it covers, in one of two forms.
#pragma once

#include "emvcrypto/rsa.h"
#include "kpd/certificates/scheme_format.h"

namespace kpd {

/// What the CA's key of `size` bytes signs. `covered`: the unsigned data of the response, then its
/// certificate opened.
Bytes detached_block(DetachedForm form, ByteView covered, std::size_t size);

/// Fault "cert-detached" unless it is a signature of `ca` over `covered` in either form.
Expected<void> check_detached(const emvcrypto::RsaPublicKey& ca, ByteView signature,
                              ByteView covered);

}  // namespace kpd
