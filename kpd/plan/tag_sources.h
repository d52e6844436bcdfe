/// Who provides a data object and where terminals expect it (EMV 4.4 Book 3, Annex A).
#pragma once

#include "emvcrypto/tlv.h"

namespace kpd {

enum class TagSource {
  unknown,   ///< not in the dictionary
  record,    ///< the card, in records
  fci,       ///< the card, in the answer to SELECT
  gpo,       ///< the card, in the answer to GET PROCESSING OPTIONS
  get_data,  ///< the card, by GET DATA
  response,  ///< made in the transaction: by the chip, or recovered from its signatures
  terminal,  ///< the terminal, acquirer or issuer host
  either,    ///< the card for some schemes, the terminal for others
  card       ///< the card, wherever it likes
};

TagSource tag_source(emvcrypto::Tag tag);

/// Tags of the private class, whose meaning is between issuer and application (Book 3, B1).
bool is_private(emvcrypto::Tag tag);

}  // namespace kpd
