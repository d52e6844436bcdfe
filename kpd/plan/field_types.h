/// The field types by the names that jobs use.
#pragma once

#include <span>
#include <string_view>

#include "kpd/plan/intake_plan.h"

namespace kpd {

struct FieldTypeInfo {
  std::string_view name;
  FieldType type;
  std::size_t least, most;        ///< lengths that a job may ask for
  std::size_t shortest, longest;  ///< lengths where it asks for none
  std::string_view format;        ///< dates: where the job says nothing
};

/// All of them, in the order of the docs.
std::span<const FieldTypeInfo> field_types();

/// Null when there is none of this name.
const FieldTypeInfo* find_field_type(std::string_view name);

}  // namespace kpd
