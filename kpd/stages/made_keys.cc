#include "kpd/stages/made_keys.h"

#include "emvcrypto/cvc3.h"

namespace kpd {

void place_keys(const Plan& plan, Chunk& chunk, const ChunkFaults& faults, MadeKeys& keys) {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      const ApplicationPlan& application = applications[a];
      pb::Application& made = *chunk.cards[i].mutable_applications(static_cast<int>(a));
      Bytes kcvs;
      for (std::size_t k = 0; k < application.keys.size(); ++k)
        emvcrypto::append(kcvs, keys.kcv({i, a, k}));
      made.set_kcvs(to_field(kcvs));
      for (std::size_t e = 0; e < application.elements.size(); ++e)
        if (const auto& rule = application.elements[e].ivcvc3)
          made.set_elements(
              static_cast<int>(e),
              to_field(emvcrypto::ivcvc3(keys.mac_key({i, a, rule->key}),
                                         view_of(made.elements(static_cast<int>(rule->over))))));
      for (const DgiPlan& dgi : application.dgis)
        if (dgi.kind == DgiPlan::Kind::keys) keys.carry(i, a, dgi, made);
    }
  }
}

}  // namespace kpd
