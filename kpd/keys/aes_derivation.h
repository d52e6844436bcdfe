/// Card and session keys under AES, made inside the device.
#pragma once

#include "emvcrypto/derivation.h"
#include "emvcrypto/scp03.h"
#include "hsm/token.h"

namespace kpd {

/// What the CMAC of an AES master covers for block i, from 1, of a chip's key: i | 00 00 00 | key |
/// 00 | KEYDATA, 16 bytes. EMV CPS 2.0 names no rule: this is the one that open tools share
/// ("kdf3"). key_data: 10 bytes.
emvcrypto::Bytes aes_card_key_input(emvcrypto::ByteView key_data, emvcrypto::CardKey which,
                                    std::uint8_t i);

/// A master of card keys with K1 of its CMAC, which all its derivations begin with.
struct AesMaster {
  hsm::Key key;             ///< may encrypt and derive
  emvcrypto::Bytes subkey;  ///< 16 bytes
};
AesMaster aes_master(hsm::Token& token, hsm::Key key);

/// What an AES master enciphers by ECB to give a chip's key of its own length: the last inputs of
/// the CMACs, so that the key itself stays in the device.
emvcrypto::Bytes aes_card_key_derivation(hsm::Token& token, const AesMaster& master,
                                         emvcrypto::ByteView key_data, emvcrypto::CardKey which);

/// A chip's AES key, CMAC by CMAC as long as the master; 16 or 32 bytes.
hsm::Key derive_aes_card_key(hsm::Token& token, const AesMaster& master,
                             emvcrypto::ByteView key_data, emvcrypto::CardKey which,
                             const hsm::Usage& usage);

/// A session key of SCP03, as emvcrypto::scp03_derive (Amendment D, 4.1.5). card_key: may encrypt
/// and derive; context: host challenge | card challenge, 16 bytes.
hsm::Key derive_scp03_key(hsm::Token& token, const hsm::Key& card_key, emvcrypto::Scp03Use use,
                          emvcrypto::ByteView context, const hsm::Usage& usage);

}  // namespace kpd
