/// What became of loading one card.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"

namespace cps {

using emvcrypto::Bytes;

enum class LoadOutcome {
  done,
  already_personalised,  ///< the card says 6985 before anything was stored in the application
  refused,               ///< the card refused a command
  wrong_keys,            ///< card and host do not share keys: stop the batch, tries may be limited
  mac_missing,           ///< the record lacks a MAC; the card was not touched
  mac_wrong,             ///< the record was altered or is for other keys; the card was not touched
  bad_record,     ///< the record contradicts itself or asks for what cannot be done; as above
  card_lost,      ///< the card went away; what it executed last is unknown
  reader_broken,  ///< the reader or its service went away
  not_this_card,  ///< an application is not on the card (SELECT: 6A82)
  script_failed   ///< the card's script is at fault, not the card
};

/// "already-personalised": the outcome's name in logs and reports.
const char* outcome_name(LoadOutcome outcome);

/// One card's result. Holds no data of the card but its chip's number.
struct LoadResult {
  LoadOutcome outcome = LoadOutcome::done;
  Bytes aid;                   ///< the application where it ended; empty when done
  std::string command;         ///< "STORE DATA 03 (DGI 8000, 9000)": the command where it ended
  std::uint16_t status = 0;    ///< the card's last status word there; 0 when it gave none
  std::string detail;          ///< reason when it is not the status word
  Bytes chip;                  ///< KEYDATA as the card last gave it, 10 bytes; may be empty
  std::size_t apdus = 0;       ///< APDUs sent, repeats and GET RESPONSE with them
  std::size_t store_data = 0;  ///< STORE DATA commands sent: from 1 on the card is no longer blank
  std::size_t applications = 0;       ///< applications completely loaded
  std::vector<std::string> warnings;  ///< tolerated refusals, skipped steps
};

/// The result in one sentence for people.
std::string describe(const LoadResult& result);

}  // namespace cps
