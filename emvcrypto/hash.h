/// Hash functions, whole messages and in pieces.
#pragma once

#include <initializer_list>
#include <memory>

#include "emvcrypto/bytes.h"

namespace emvcrypto {

/// SHA-1 of the parts one after the other, 20 bytes (EMV 4.4 Book 2, B3.1).
Bytes sha1(std::initializer_list<ByteView> parts);

/// SHA-256 of the parts one after the other, 32 bytes.
Bytes sha256(std::initializer_list<ByteView> parts);

/// SHA-256 in pieces, for what is too long to hold.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(ByteView piece);
  /// The digest of all pieces so far; the object starts anew.
  Bytes finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace emvcrypto
