/// Secrets of a card that the record may bring, and what is computed with them.
#pragma once

#include <optional>

#include "kpd/plan/text_template.h"

namespace kpd {

/// What a secret is, and so which transport key it travels under.
enum class SecretUse { card_keys, icc_keys, pin };

/// How a secret that comes with the record is enciphered.
struct GivenSecret {
  enum class Mode { ecb, cbc };  ///< cbc: each secret by itself, with a zero initial value
  TextTemplate text = {};        ///< hexadecimal digits
  std::size_t under = 0;         ///< index in Plan::keys
  Mode mode = Mode::ecb;
};

/// A key of the card that the record may bring instead of having it derived.
struct GivenKeyPlan {
  GivenSecret secret = {};               ///< an empty text: this record brings none
  std::optional<TextTemplate> kcv = {};  ///< 6 hexadecimal digits, which a given key must then have
  bool odd_parity = true;  ///< a key of another parity is a fault; else it is set right
};

/// The initial value of dynamic card verification codes: over the static data of a track, under a
/// key of the card.
struct Ivcvc3Plan {
  std::size_t over = 0;  ///< the track: index in ApplicationPlan::elements
  std::size_t key = 0;   ///< index in ApplicationPlan::keys
};

}  // namespace kpd
