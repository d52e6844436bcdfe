/// JSON in: requests to the calculator.
#pragma once

#include "kpd/calc/calculate.h"

namespace kpd::calc {

/// One request: a function's name, empty where it is said elsewhere, and values by parameter.
struct Request {
  std::string function;
  GivenValues values;
};

/// A text of one object, an array of objects, or lines of one object each: members are parameters
/// by name (strings; numbers, true and false where a parameter is one; arrays where it may be given
/// more than once) and "function". Each entry is a request or the reason why it is none, in the
/// order of the text; a text that is no JSON at all is one such entry. Faults are of code "usage"
/// and hold no value.
std::vector<Expected<Request>> parse_requests(std::string_view text);

}  // namespace kpd::calc
