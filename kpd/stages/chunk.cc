#include "kpd/stages/chunk.h"

#include "kpd/intake/told_record_id.h"

namespace kpd {

void ChunkFaults::set(std::size_t card, std::string field, emvcrypto::Fault fault) {
  if (!faults_[card]) faults_[card] = Found{std::move(field), std::move(fault)};
}

void ChunkFaults::apply(Chunk& chunk, const Plan& plan, const std::string& stage) const {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    if (!faults_[i]) {
      if (kept != i) chunk.cards[kept].Swap(&card);
      ++kept;
      continue;
    }
    pb::Reject reject;
    reject.set_ordinal(card.ordinal());
    reject.set_line(card.line());
    reject.set_record_id(told_record_id(field_of(card, plan.roles.record_id)));
    reject.set_field(faults_[i]->field);
    reject.set_fault(faults_[i]->fault.code);
    reject.set_reason(faults_[i]->fault.reason);
    reject.set_stage(stage);
    chunk.rejects.push_back(std::move(reject));
  }
  chunk.cards.resize(kept);
}

}  // namespace kpd
