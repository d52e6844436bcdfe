/// A few cards of a job that stand for its batch.
#pragma once

#include <set>
#include <stdexcept>

#include "kpd/intake/intake.h"
#include "kpd/stages/chunk.h"

namespace kpd_test {

/// The first good card of each product, as the next stage gets them.
inline kpd::Chunk first_cards(const kpd::Plan& plan) {
  kpd::Intake intake(plan);
  kpd::Chunk chunk;
  std::set<std::uint32_t> seen;
  while (seen.size() < plan.cards.size()) {
    const auto item = intake.next();
    if (!item) throw std::logic_error("the sample has no card of some product");
    const auto* card = std::get_if<kpd::pb::Card>(&*item);
    if (card != nullptr && seen.insert(card->card()).second) chunk.cards.push_back(*card);
  }
  return chunk;
}

}  // namespace kpd_test
