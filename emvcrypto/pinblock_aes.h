/// PIN blocks of ISO 9564-1 format 4: 16 bytes, bound to the PAN by two AES operations.
#pragma once

#include <string_view>

#include "emvcrypto/cipher.h"
#include "emvcrypto/fault.h"

namespace emvcrypto {

/// The clear PIN field: 4 | length | PIN | A.. to 8 bytes | 8 random bytes. pin: 4-12 digits;
/// random: at least 8 bytes. Throws std::invalid_argument otherwise.
Secret pin_field_4(const Secret& pin, ByteView random);

/// The clear PAN field: digits beyond 12 as one digit | PAN (zeros on its left to 12 digits) | 0..
/// to 16 bytes. pan: 1-19 digits; std::invalid_argument otherwise.
Bytes pan_field_4(std::string_view pan);

/// PIN fields to enciphered blocks, in place: E(E(PIN field) xor PAN field). Any number of fields
/// of 16 bytes, as many of both; two calls of the cipher for all of them.
void encipher_fields_4(BlockCipher& aes, MutableBytes pin_fields, ByteView pan_fields);

/// The way back: enciphered blocks to PIN fields, in place.
void decipher_fields_4(BlockCipher& aes, MutableBytes blocks, ByteView pan_fields);

/// The PIN (ASCII digits) of a clear PIN field. Faults as read_pin_block(): "pin-format",
/// "pin-length", "pin-block".
Expected<Secret> read_pin_field_4(const Secret& field);

}  // namespace emvcrypto
