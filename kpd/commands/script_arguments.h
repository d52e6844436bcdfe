/// Card scripts and their parameters on the command line.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "kpd/commands/command.h"
#include "kpd/script/find_script.h"

namespace kpd {

/// --script and --parameter.
struct ScriptArguments {
  std::vector<std::string> scripts;  ///< [PRODUCT=]SCRIPT
  std::vector<std::string> given;    ///< NAME=VALUE

  void add_to(CLI::App& command);
  void add_parameters_to(CLI::App& command);

  /// By product; the empty one is for all others. Throws Failure(usage).
  std::map<std::string, Script> read() const;
  std::map<std::string, std::string> parameters() const;
};

}  // namespace kpd
