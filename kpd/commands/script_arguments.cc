#include "kpd/commands/script_arguments.h"

#include "kpd/exit_code.h"
#include "kpd/script/script_machine.h"

namespace kpd {

void ScriptArguments::add_to(CLI::App& command) {
  command.add_option("--script", scripts,
                     "[PRODUCT=]SCRIPT: load cards, or those of a product, by a Lua script");
  add_parameters_to(command);
}

void ScriptArguments::add_parameters_to(CLI::App& command) {
  command.add_option("--parameter", given, "NAME=VALUE, which scripts read by data.parameter");
}

std::map<std::string, Script> ScriptArguments::read() const {
  std::map<std::string, Script> by_product;
  for (const std::string& argument : scripts) {
    const std::size_t equals = argument.find('=');
    const std::string product = equals == argument.npos ? "" : argument.substr(0, equals);
    Script script = find_script(equals == argument.npos ? argument : argument.substr(equals + 1));
    ScriptMachine check(script);  // before any card, not at the first that needs it
    if (!by_product.emplace(product, std::move(script)).second)
      throw Failure(ExitCode::usage,
                    product.empty() ? "--script names two scripts for all products"
                                    : "--script names two scripts for product '" + product + "'");
  }
  return by_product;
}

std::map<std::string, std::string> ScriptArguments::parameters() const {
  std::map<std::string, std::string> values;
  for (const std::string& argument : given) {
    const std::size_t equals = argument.find('=');
    if (equals == argument.npos || equals == 0)
      throw Failure(ExitCode::usage, "--parameter wants NAME=VALUE, not '" + argument + "'");
    values[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return values;
}

}  // namespace kpd
