/// Templates that new ones can start from.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "kpd/config/config_value.h"

namespace kpd {

/// A parameter as its template declares it.
struct LibraryParameter {
  std::string name, type, title, fallback;
  bool required = false;  ///< no default, and the templates above give no value
};

/// One template of a folder, with what a choice depends on.
struct LibraryTemplate {
  std::string name;  ///< "applications/base"
  std::string kind, title;
  std::string authentication;  ///< applications: "none", "sda", "dda", "cda"
  bool contactless = false;    ///< a list of it asks for the reader's qualifiers (9F66)
  std::string aid, label;
  std::vector<LibraryParameter> parameters;  ///< less those that are the AID or the label
};

/// All complete templates of this kind ("application", "card"), by name: bases that only others
/// complete are left out, and so are files with mistakes.
std::vector<LibraryTemplate> library(const std::filesystem::path& templates,
                                     const std::string& kind);

}  // namespace kpd
