/// The host's cryptography for the chip's tests, written apart from the chip's own.
#pragma once

#include "emvcrypto/bytes.h"
#include "emvcrypto/cipher.h"

namespace chiptest {

using emvcrypto::append;
using emvcrypto::append_number;
using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::concat;
using emvcrypto::from_hex;
using emvcrypto::to_hex;

enum class Pad { zeros, one_and_zeros };

inline Bytes pad(Bytes data, Pad how = Pad::one_and_zeros) {
  if (how == Pad::one_and_zeros) data.push_back(0x80);
  while (data.size() % 8 != 0) data.push_back(0);
  return data;
}

inline Bytes ecb(ByteView key, Bytes data) {
  emvcrypto::make_des(key)->encrypt(data);
  return data;
}

inline Bytes cbc(ByteView key, Bytes data) {
  emvcrypto::make_des(key)->encrypt_cbc(data);
  return data;
}

/// 3DES-CBC MAC of a padded message.
inline Bytes full_mac(ByteView key, const Bytes& message) {
  const Bytes chain = cbc(key, pad(message));
  return Bytes(chain.end() - 8, chain.end());
}

/// MAC algorithm 3: CBC under the left half to the block before the last, 3DES of the last.
inline Bytes alg3_mac(ByteView key, const Bytes& message, Pad how = Pad::one_and_zeros) {
  const Bytes padded = pad(message, how);
  Bytes last(padded.end() - 8, padded.end());
  const Bytes front(padded.begin(), padded.end() - 8);
  if (!front.empty()) {
    const Bytes chain = cbc(key.first(8), front);
    last = emvcrypto::exclusive_or(last, Bytes(chain.end() - 8, chain.end()));
  }
  return ecb(key, last);
}

/// EMV common session key of R.
inline Bytes session_key(ByteView master, Bytes r) {
  r[2] = 0xF0;
  const Bytes left = ecb(master, r);
  r[2] = 0x0F;
  return concat({left, ecb(master, r)});
}

inline Bytes kcv(ByteView key) {
  Bytes block = ecb(key, Bytes(8));
  block.resize(3);
  return block;
}

}  // namespace chiptest
