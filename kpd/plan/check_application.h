/// Whether the parts of an application's plan agree with each other.
#pragma once

#include "kpd/plan/plan.h"

namespace kpd {

/// Adds every contradiction found. Looks at AIP against data authentication, 9F10 and CDOL1 against
/// the cryptogram version, what terminals need for data authentication in the records (remainders
/// where the key lengths ask for them), keys and records without a DGI, orders of DGIs that are not
/// there. issuer: null when the application has none; document: where the template starts.
void check_application(const ApplicationPlan& plan, const IssuerPlan* issuer,
                       const FilePlace& document, Mistakes& mistakes);

}  // namespace kpd
