#include "cps/load_result.h"

#include "cps/apdu.h"

namespace cps {

const char* outcome_name(LoadOutcome outcome) {
  switch (outcome) {
    case LoadOutcome::done:
      return "done";
    case LoadOutcome::already_personalised:
      return "already-personalised";
    case LoadOutcome::refused:
      return "refused";
    case LoadOutcome::wrong_keys:
      return "wrong-keys";
    case LoadOutcome::mac_missing:
      return "mac-missing";
    case LoadOutcome::mac_wrong:
      return "mac-wrong";
    case LoadOutcome::bad_record:
      return "bad-record";
    case LoadOutcome::card_lost:
      return "card-lost";
    case LoadOutcome::reader_broken:
      return "reader-broken";
    case LoadOutcome::not_this_card:
      return "not-this-card";
    case LoadOutcome::script_failed:
      return "script-failed";
  }
  return "unknown";
}

std::string describe(const LoadResult& result) {
  std::string text = outcome_name(result.outcome);
  if (!result.aid.empty()) text += ", application " + emvcrypto::to_hex(result.aid);
  if (!result.command.empty()) text += ", " + result.command;
  if (result.status != 0 && result.status != 0x9000) text += ": " + status_text(result.status);
  if (!result.detail.empty()) text += ": " + result.detail;
  return text;
}

}  // namespace cps
