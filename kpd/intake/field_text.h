/// How a field's text comes about before its type is looked at.
#pragma once

#include <span>

#include "emvcrypto/fault.h"
#include "kpd/expression/expression.h"
#include "kpd/plan/intake_plan.h"

namespace kpd {

/// Columns of one row, by their place among the source's inputs.
using Inputs = std::span<const std::string_view>;

/// The row's column or `from` over columns and earlier fields, the default where that is empty,
/// then transliterated and as capitals, as the plan says. Faults: "expression" "transliteration".
emvcrypto::Expected<std::string> make_field_text(const FieldPlan& field, Inputs inputs,
                                                 const FieldLookup& earlier);

/// A lookup that knows the row's columns (kFirstInput) and earlier fields.
FieldLookup over_inputs(Inputs inputs, const FieldLookup& earlier);

}  // namespace kpd
