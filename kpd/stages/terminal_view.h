/// What a terminal reads of an application, found in its DGIs alone: what is signed must be that,
/// and what is read must belong to the card.
#pragma once

#include "emvcrypto/fault.h"
#include "kpd/stages/chunk.h"

namespace kpd {

/// The DGIs of an application that are clear and need no signature, or hold places for one.
pb::Application clear_dgis(const ApplicationPlan& plan, const pb::Application& values);

/// The static data to be authenticated (EMV 4.4 Book 3, 10.3) as the DGIs of `card` give them: the
/// records that the AFL marks, in the AFL's order; 9F4A where a record that the AFL names holds it;
/// AIP and AFL of the contact interface's response to GET PROCESSING OPTIONS: DGI 9104 (EMV CPS
/// 1.1, Annex A), else A005 (both without tags), else the first DGI of the plan with an AFL. An
/// application with none of them: as the plan has its elements and records. values: before or after
/// lay-out, for the lengths of what stands without tags. Faults "static-data" and those of
/// emvcrypto::static_data.
emvcrypto::Expected<Bytes> static_data_as_read(const ApplicationPlan& plan,
                                               const pb::Application& values,
                                               const pb::Application& card);

/// A data object that differs from the role whose field keys and certificates are made of.
struct RoleFault {
  FieldId field = 0;
  emvcrypto::Fault fault;  ///< "element"
};

/// Compares PAN (5A), track 2 (57), expiry (5F24, its month) and PAN sequence number (5F34) in the
/// laid out DGIs of a payment application with the card's roles.
std::optional<RoleFault> check_roles(const Plan& plan, const ApplicationPlan& application,
                                     const pb::Card& card, const pb::Application& values);

}  // namespace kpd
