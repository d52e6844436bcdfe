/// How long values can get, told from a plan alone.
#pragma once

#include <optional>

#include "kpd/plan/plan.h"

namespace kpd {

/// Bytes. `most` is empty when nothing bounds it.
struct SizeRange {
  std::size_t least = 0;
  std::optional<std::size_t> most;
};

/// The text of a template, in characters.
SizeRange text_size(const TextTemplate& text, const Plan& plan, const CardPlan& card);

/// The value of an element as its source makes it. issuer: of the application; may be null.
SizeRange element_size(const ElementPlan& element, const ApplicationPlan& application,
                       const IssuerPlan* issuer, const Plan& plan, const CardPlan& card);

}  // namespace kpd
