// Where card RSA pairs come from (policy.icc_key_source, empty_pool, pool_days).
#include <array>

#include "kpd/plan/compile.h"

namespace kpd {
namespace {

constexpr std::int64_t kMostDays = 3650;

}  // namespace

void PlanBuilder::compile_icc_key_policy(YamlMap& policy) {
  using enum IccKeySource;
  IccKeyPlan& keys = plan.icc_keys;
  if (const auto source = policy.maybe("icc_key_source"))
    keys.source = std::array{hsm, factory, pool}[source->choice({"hsm", "factory", "pool"})];
  const auto empty = policy.maybe("empty_pool");
  const auto days = policy.maybe("pool_days");
  for (const auto& node : {empty, days})
    if (node && keys.source != pool) node->fail("this is for 'icc_key_source: pool'");
  if (empty)
    keys.when_empty = std::array{pool, hsm, factory}[empty->choice({"hold", "hsm", "factory"})];
  if (days) keys.pool_days = static_cast<unsigned>(days->number(0, kMostDays));
}

}  // namespace kpd
