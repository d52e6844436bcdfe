/// What `kpd calc` does once its command line is read.
#pragma once

#include <map>

#include "kpd/calc/calculate.h"
#include "kpd/commands/calc_values.h"
#include "kpd/exit_code.h"

namespace kpd {

/// What the command line says of one function; for `kpd calc` itself there is none.
struct CalcCall {
  const calc::Function* function = nullptr;
  calc::Disclosure disclosure;
  std::string in;
  std::map<std::string_view, ValueSource> sources;
  std::map<std::string_view, bool> switches;
};

/// Calculates once and prints the result, as JSON or as text. Throws Failure for a fault: usage or
/// hold.
ExitCode answer_one(const CalcCall& call, bool json);

/// Answers the requests of the file in `call.in`: a line of JSON each, in their order. What the
/// command line says holds for what a request does not say. Returns the worst of all: usage before
/// hold.
ExitCode answer_requests(const CalcCall& call);

}  // namespace kpd
