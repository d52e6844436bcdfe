#include "kpd/pool/icc_key_sources.h"

#include "kpd/exit_code.h"
#include "kpd/pool/pool_icc_keys.h"

namespace kpd {

std::filesystem::path pool_folder(const std::filesystem::path& area) {
  return area / "pool";
}

std::unique_ptr<IccKeys> open_icc_keys(const Plan& plan, std::shared_ptr<hsm::Token> token,
                                       const std::filesystem::path& pool,
                                       emvcrypto::FactoryPath path) {
  const auto make = [&](IccKeySource source) -> std::unique_ptr<IccKeys> {
    if (source == IccKeySource::hsm) return make_device_keys(token);
    if (source == IccKeySource::factory) return make_factory_keys(token, path);
    return nullptr;
  };
  if (plan.icc_keys.source != IccKeySource::pool) return make(plan.icc_keys.source);
  if (pool.empty())
    throw Failure(ExitCode::usage, "the job takes RSA pairs from a pool, and there is none here");
  return std::make_unique<PoolKeys>(plan, token, pool, make(plan.icc_keys.when_empty));
}

}  // namespace kpd
