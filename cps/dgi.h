/// Data groupings (EMV CPS 1.1, 2.2 and 3.2): a two-byte identifier, a length, a value.
#pragma once

#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;

using DgiId = std::uint16_t;

/// One data grouping. The value of a secret one is enciphered; under which key is said elsewhere.
struct Dgi {
  DgiId id = 0;
  Bytes value;
  bool operator==(const Dgi&) const = default;
};

/// Identifier, then 1 byte of length to 254 or FF and 2 bytes to 65534, then the value. Throws
/// std::invalid_argument when longer.
void append_dgi(Bytes& to, const Dgi& dgi);

/// Bytes that append_dgi adds.
std::size_t dgi_size(const Dgi& dgi);

/// A whole list. Fault "dgi" when malformed.
Expected<std::vector<Dgi>> parse_dgis(ByteView list);

/// "9F62": upper-case hexadecimal.
std::string dgi_name(DgiId id);

}  // namespace cps
