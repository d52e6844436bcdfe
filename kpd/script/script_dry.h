/// What a script would do to a card, without a card and without keys.
#pragma once

#include <ostream>

#include "cps/store_data.h"
#include "kpd/script/script_machine.h"

namespace kpd {

/// How a dry run stands in for the card.
struct DryOptions {
  cps::CardProfile profile;
  std::size_t block = 8;    ///< of the channel's cipher: 8 SCP02, 16 SCP03
  bool show_values = true;  ///< clear values too; otherwise their lengths alone
};

/// What a dry run came to.
struct DryResult {
  ScriptEnd end;
  std::size_t commands = 0;  ///< that would reach the card, those of the channel's opening included
};

/// Runs the script for the card and writes a line for each command: its header and data as they are
/// before the channel secures them, secrets by their name and length. The card answers 9000 without
/// data to everything.
DryResult run_dry(ScriptMachine& machine, const ScriptCard& card, const DryOptions& options,
                  std::ostream& out);

}  // namespace kpd
