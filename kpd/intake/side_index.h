/// An index on disk for one run: what is too much for memory when a batch is large.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "emvcrypto/bytes.h"

namespace kpd {

/// Keys and values in a temporary file that no other process can open and that is gone with this
/// process. Keys are stored as keyed hashes and values enciphered, both under keys of this object
/// alone. Memory is bounded whatever the count.
class SideIndex {
 public:
  /// Throws Failure(io) when the temporary file cannot be made.
  SideIndex();
  ~SideIndex();

  /// False when the key is there already; the old value stays.
  bool insert(emvcrypto::ByteView key, emvcrypto::ByteView value = {});

  std::optional<emvcrypto::Bytes> find(emvcrypto::ByteView key);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpd
