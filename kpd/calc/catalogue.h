/// All functions of the calculator, in groups: the table that command line, help, JSON and
/// documentation come from.
#pragma once

#include <string>

#include "kpd/calc/function.h"

namespace kpd::calc {

struct Group {
  std::string_view title;
  std::vector<Function> functions;
};

const std::vector<Group>& catalogue();

/// A function's example as a whole command line.
std::string example_line(const Function& function);

/// The function of that name; else fault "usage" with a spelling hint.
Expected<const Function*> find_function(std::string_view name);

}  // namespace kpd::calc
