/// How a command ends (docs/commands.md has the same table).
#pragma once

#include <stdexcept>
#include <string>

namespace kpd {

enum class ExitCode : int {
  done = 0,
  usage = 64,      ///< options, YAML or data that a person wrote are wrong
  hold = 65,       ///< a person must look: missing key or token, wrong PIN, damaged input
  away = 69,       ///< a device or service is not there
  internal = 70,   ///< a defect of ours
  io = 74,         ///< reading or writing failed: disk full, no permission
  try_again = 75,  ///< nothing is wrong, but not now
  fenced = 76      ///< somebody else has taken over this work
};

/// A broken world that ends a command cleanly: what happened and what to do.
class Failure : public std::runtime_error {
 public:
  Failure(ExitCode code, const std::string& what) : std::runtime_error(what), code_(code) {}
  ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

}  // namespace kpd
