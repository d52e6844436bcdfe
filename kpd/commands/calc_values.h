/// Values for the calculator from where people keep them.
#pragma once

#include "kpd/calc/function.h"

namespace kpd {

/// Where one parameter's value comes from, by the command line.
struct ValueSource {
  std::vector<std::string> words;  ///< the value, @FILE, or - for a secret to be asked for
  /// A secret's descriptor, as typed; empty: none. A line is read (a line each where many may be).
  std::string descriptor;
};

/// The values behind a source. Throws Failure: usage for a descriptor that is no number (it may be
/// a key in the wrong place: it is not told), io for a file that cannot be read, hold for a
/// descriptor or terminal that gives nothing.
std::vector<calc::Given> read_values(const calc::Parameter& parameter, const ValueSource& source);

/// All that a file (or, for "-", standard input) holds, 64 MiB at most. Throws Failure(io).
std::string read_calc_input(const std::string& file);

}  // namespace kpd
