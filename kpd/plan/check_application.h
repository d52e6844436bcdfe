/// Whether the parts of an application's plan agree with each other and with EMV.
#pragma once

#include "kpd/plan/plan.h"

namespace kpd {

/// What an application is checked against.
struct CheckContext {
  const Plan& plan;          ///< fields, keys
  const CardPlan& card;      ///< values
  const IssuerPlan* issuer;  ///< null when the application has none
  FilePlace document;        ///< where the template starts
  bool dgis_known = true;    ///< false: some could not be compiled, so nothing is said of the rest
};

/// Adds every contradiction found: errors for what no terminal or chip can use, warnings for what
/// is probably not meant. docs/templates.md lists all by their ids.
void check_application(const ApplicationPlan& application, const CheckContext& context,
                       Mistakes& mistakes);

}  // namespace kpd
