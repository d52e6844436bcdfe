#include "kpd/calc/calculate.h"

#include <stdexcept>

namespace kpd::calc {

Answer calculate(const Function& function, const GivenValues& given, const Disclosure& disclosure) {
  const auto arguments = check_arguments(function.parameters, given, disclosure.clear_test_keys);
  if (!arguments) return {{}, arguments.error()};
  Result result(disclosure);
  for (const Parameter& parameter : function.parameters)
    if (parameter.kind == Kind::pan && arguments->has(parameter.name))
      result.learn_pan(arguments->text(parameter.name));
  std::optional<emvcrypto::Fault> fault;
  try {
    if (const Done done = function.body(*arguments, result); !done) fault = done.error();
  } catch (const std::invalid_argument& error) {
    fault = emvcrypto::Fault{"usage", error.what()};
  }
  return {result.root(), std::move(fault)};
}

}  // namespace kpd::calc
