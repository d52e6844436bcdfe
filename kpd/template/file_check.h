/// Every mistake in one file that people write, whatever its kind.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/plan/compile.h"

namespace kpd {

/// A file with what was found in it and in everything that it names.
struct CheckedFile {
  std::filesystem::path file;
  std::string kind;                ///< "job", "application"; empty when nobody can tell
  std::vector<Mistake> mistakes;   ///< by file and line
  std::vector<std::string> notes;  ///< what was assumed
};

/// Opens the token with the keys of a job; null when keys are not to be looked up.
using TokenOpener = std::function<std::shared_ptr<hsm::Token>(const std::filesystem::path& job)>;

/// Checks a job with all templates and certificates that it names, or a template, output profile,
/// group of constants, area, area plan, chip, CA key or issuer certificate alone. A token that
/// cannot be used (no such label, wrong PIN) is a mistake of the class kMissingKey; a device that
/// is away is an exception.
CheckedFile check_file(const std::filesystem::path& file, const TemplateWorld& world,
                       const TokenOpener& open_token);

}  // namespace kpd
