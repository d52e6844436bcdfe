/// The card that a script has before it: its record and what becomes of it. The script's context.
#pragma once

#include <functional>
#include <map>

#include "cps/card_module.h"
#include "cps/module.h"
#include "cps/record.h"
#include "kpd/script/script_request.h"

namespace kpd {

/// What scripts can read. All references outlive the run.
struct ScriptCard {
  const cps::Record& record;
  std::span<const cps::Module> modules;  ///< of the card file's record, the chip's among them
  std::string record_id, product;
  Bytes atr;
  const std::map<std::string, std::string>& parameters;  ///< of the task
  std::function<void(const std::string&)> log;           ///< what log() says; may show PANs
  /// What progress() says: so much of so much.
  std::function<void(std::uint64_t done, std::uint64_t total)> progress = {};
};

}  // namespace kpd
