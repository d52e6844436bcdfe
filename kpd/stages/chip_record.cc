#include "kpd/stages/chip_record.h"

#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

cps::Application frame_of(const OutputPlan& output, const ApplicationPlan& plan) {
  cps::Application application;
  application.aid = plan.aid;
  application.owner = plan.owner;
  // One entry for each key and mode (EMV CPS 1.1, 2.6).
  for (const SecretUse use : {SecretUse::card_keys, SecretUse::icc_keys, SecretUse::pin})
    for (const cps::Cmode mode : {cps::Cmode::ecb, cps::Cmode::cbc}) {
      cps::TransportKeyUse entry{transport_key_id(transport_use(use), output.layout),
                                 output.key_type,
                                 static_cast<std::uint8_t>(mode),
                                 {}};
      for (const DgiPlan& dgi : plan.dgis)
        if (dgi.use() == use && output.cmode_of(dgi) == mode) entry.dgis.push_back(dgi.id);
      if (!entry.dgis.empty()) application.transport_keys.push_back(std::move(entry));
    }
  cps::Step step;
  step.instructions = plan.instructions;
  application.steps.push_back(std::move(step));
  return application;
}

}  // namespace

cps::Record frame_of(const Plan& plan, const CardPlan& card) {
  cps::Record record;
  record.layout_version = plan.output.layout_version;
  record.status = plan.output.status;
  record.product_ids = plan.output.product_ids;
  for (const ApplicationPlan& application : card.applications)
    record.applications.push_back(frame_of(plan.output, application));
  return record;
}

cps::Record make_chip_record(cps::Record frame, const pb::Card& card, Bytes reference) {
  frame.reference = std::move(reference);
  for (std::size_t a = 0; a < frame.applications.size(); ++a)
    for (const pb::Dgi& dgi : card.applications(static_cast<int>(a)).dgis())
      frame.applications[a].dgis.push_back(
          {static_cast<cps::DgiId>(dgi.id()), Bytes(dgi.value().begin(), dgi.value().end())});
  return frame;
}

}  // namespace kpd
