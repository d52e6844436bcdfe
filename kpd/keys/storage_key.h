/// The key that seals what this product keeps for itself: stage files, the pool.
#pragma once

#include "hsm/token.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// Role of the AES key that seals data keys.
inline constexpr std::string_view kStorageRole = "STORAGE";

inline hsm::Key storage_key(const Plan& plan, hsm::Token& token) {
  return token.find(plan.keys[plan.key(kStorageRole)].uri);
}

}  // namespace kpd
