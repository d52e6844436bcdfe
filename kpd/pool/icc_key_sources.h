/// The source of card RSA pairs that a job's policy names.
#pragma once

#include <filesystem>

#include "kpd/keys/icc_keys.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// The pool of a work area.
std::filesystem::path pool_folder(const std::filesystem::path& area);

/// As policy.icc_key_source says. pool: folder, for plans that take pairs from there. token: the
/// preparing one. Throws Failure(usage) when the plan wants a pool and none is named.
std::unique_ptr<IccKeys> open_icc_keys(
    const Plan& plan, std::shared_ptr<hsm::Token> token, const std::filesystem::path& pool,
    emvcrypto::FactoryPath path = emvcrypto::FactoryPath::automatic);

}  // namespace kpd
