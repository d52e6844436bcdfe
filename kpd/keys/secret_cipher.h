/// Secret DGI values under a transport key, in the modes that a record can name (EMV CPS 1.1, 2.6:
/// CMODE).
#pragma once

#include <span>

#include "cps/record.h"
#include "hsm/token.h"

namespace kpd {

/// A clear value of whole 8-byte blocks, and how it is enciphered.
struct SecretMessage {
  emvcrypto::MutableBytes value;
  cps::Cmode mode;
};

/// Enciphers all messages in place by the device, in as many calls as the longest one under CBC has
/// blocks; one where none is. initial_value: 8 bytes, for each message under CBC. key: DES, or AES
/// for ECB alone. std::invalid_argument for a value that is not whole blocks of its cipher.
void encipher_secrets(hsm::Token& token, const hsm::Key& key,
                      std::span<const SecretMessage> messages, emvcrypto::ByteView initial_value);

/// The reverse for one value, in place. mode: CMODE as a record has it; std::invalid_argument for
/// one that is unknown, or a value that is not whole blocks.
void decipher_secret(hsm::Token& token, const hsm::Key& key, std::uint8_t mode,
                     emvcrypto::ByteView initial_value, emvcrypto::MutableBytes value);

}  // namespace kpd
