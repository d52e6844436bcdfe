/// Two values of one DGI, object by object, in words that show no cardholder data.
#pragma once

#include <string>
#include <vector>

#include "emvcrypto/tlv.h"

namespace kpd::tester {

/// One difference: the id of a finding, what, and at which tag.
struct Difference {
  std::string id;  ///< "data.differs", "data.missing" or "data.unexpected"
  std::string reason;
  std::string where;  ///< "tag 5F24"; empty: the value as a whole
};

/// Compares BER-TLV by its primitive objects in order; anything else as a whole. Empty when both
/// are the same bytes.
std::vector<Difference> differences(emvcrypto::ByteView prepared, emvcrypto::ByteView on_card);

/// A value as people may see it: hexadecimal of what the dictionary says is no cardholder data;
/// else its length alone.
std::string shown(emvcrypto::Tag tag, emvcrypto::ByteView value);

}  // namespace kpd::tester
