/// A new template on top of one of the library.
#pragma once

#include <iosfwd>
#include <map>
#include <string>

#include "kpd/template/library.h"

namespace kpd {

/// What a new template shall be; what is empty was not said.
struct Start {
  std::string name;  ///< "gold": becomes applications/gold or cards/gold
  std::string kind;  ///< "application" or "card"
  std::string from;  ///< "applications/base"
  std::string title, aid, label;
  std::string risk_field;  ///< cards: the field that chooses among risk profiles
  std::map<std::string, std::string> with;
};

/// Asks for what is missing, a question a line, an empty answer for what stands in brackets. Throws
/// Failure(usage) when the answers end before the questions do.
void ask(Start& start, const std::filesystem::path& templates, std::istream& in, std::ostream& out);

/// The text of the new template, with comments that say what can be changed. Throws Failure(usage)
/// when something is missing: a name, a template to start from, a value of a parameter.
std::string start_text(const Start& start, const std::filesystem::path& templates);

}  // namespace kpd
