/// What the tester has to say against a card.
#pragma once

#include <string>

namespace kpd::tester {

/// How much a finding weighs: an error fails the card, a warning is for a person to look at, a note
/// only tells.
enum class Severity { note, warning, error };

/// "error"; for reports.
const char* severity_name(Severity severity);

/// One thing that is wrong with a card. No field ever holds a secret or a full PAN.
struct Finding {
  std::string id;  ///< stable and dotted: "oda.sda.hash" (see findings_dictionary.h)
  Severity severity = Severity::error;
  std::string reason;  ///< this card's own facts, one sentence
  std::string where;   ///< AID, record, tag or command; may be empty
  bool operator==(const Finding&) const = default;
};

}  // namespace kpd::tester
