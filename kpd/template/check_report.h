/// What a check found, for people, programs and pipelines.
#pragma once

#include <ostream>
#include <span>
#include <string>

#include "kpd/exit_code.h"
#include "kpd/template/file_check.h"

namespace kpd {

struct CheckCounts {
  std::size_t errors = 0, warnings = 0, missing_keys = 0;
};

/// strict: warnings count as errors.
CheckCounts count(std::span<const CheckedFile> files, bool strict);

/// `usage` when there are errors, `hold` when nothing but keys is missing, else `done`.
ExitCode exit_code(const CheckCounts& counts);

/// A line for each mistake: "FILE:LINE:COLUMN: error: PATH: TEXT (HINT) [ID]".
std::string line_of(const Mistake& mistake);

/// {"files": [{"file", "kind", "notes"}], "mistakes": [{"severity", "id", "file", "line", "column",
/// "path", "text", "hint"}], "errors", "warnings"}. A mistake that several files lead to stands
/// once.
void write_json(std::ostream& out, std::span<const CheckedFile> files, bool strict);

/// JUnit's XML: a suite for each file, a failed case for each error, a passed case with output for
/// each warning; a file without errors has one passed case.
void write_junit(std::ostream& out, std::span<const CheckedFile> files, bool strict);

/// All mistakes, each once.
std::vector<Mistake> all_mistakes(std::span<const CheckedFile> files);

}  // namespace kpd
