/// Documents as YAML again, with a comment a line that says where each came from.
#pragma once

#include <ostream>
#include <string>

#include "kpd/config/config_value.h"

namespace kpd {

/// One value on one line: `{text: "{pan}", as: cn}`. What was quoted stays quoted.
std::string yaml_line(const ConfigValue& value);

/// Where a value came from: its place, parameters in it, and what it replaces.
std::string origin_line(const ConfigValue& value);

/// A complete template: sections with an entry a line, `applications` as documents of their own.
/// The text is a template again: `${` is escaped.
void write_yaml(std::ostream& out, const ConfigPtr& document);

/// The same for programs: {"document": {..}, "origins": {"elements.9F10": {"file", "line",
/// "column", "text"}}}, an origin for each line that write_yaml() writes.
void write_yaml_json(std::ostream& out, const ConfigPtr& document);

}  // namespace kpd
