/// Answers for people and for programs.
#pragma once

#include <string>

#include "kpd/calc/calculate.h"

namespace kpd::calc {

/// Lines "name  value", groups indented below their names; what comes from outside made printable.
std::string render_text(const Item& items);

/// One line: {"function": NAME, "result": {..}, "fault": {"code", "reason"}}; result is left out
/// where it is empty, fault where there is none. Name and answer in UTF-8.
std::string render_json(std::string_view function, const Answer& answer);

/// The whole table for programs: {"functions": [{"group", "name", "purpose", "parameters",
/// "example"
/// }]}, indented.
std::string render_catalogue_json();

/// The same for people, a line a function.
std::string render_catalogue_text();

}  // namespace kpd::calc
