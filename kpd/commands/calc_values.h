/// Values for the calculator from where people keep them.
#pragma once

#include "kpd/calc/function.h"

namespace kpd {

/// Where one parameter's value comes from, by the command line.
struct ValueSource {
  std::vector<std::string> words;  ///< the value, @FILE, or - for a secret to be asked for
  int descriptor = -1;  ///< a secret's descriptor: a line (a line each where many may be)
};

/// The values behind a source. Throws Failure: io for a file that cannot be read, hold for a
/// descriptor or terminal that gives nothing.
std::vector<calc::Given> read_values(const calc::Parameter& parameter, const ValueSource& source);

/// All that a file (or, for "-", standard input) holds, 64 MiB at most. Throws Failure(io).
std::string read_calc_input(const std::string& file);

}  // namespace kpd
