/// Attributes that hold a key to its purpose, where a device keeps them: which mechanisms, and what
/// becomes of the keys that it opens. Internal to hsm.
#pragma once

#include <vector>

#include "hsm/token_state.h"

namespace hsm {

/// CKA_ALLOWED_MECHANISMS of what this product does with a key of this type and usage (ECB is among
/// them for check values), and for one that unwraps CKA_UNWRAP_TEMPLATE: what it opens is
/// sensitive.
class LeastUsage {
 public:
  LeastUsage(KeyType type, const Usage& usage);
  LeastUsage(const LeastUsage&) = delete;
  LeastUsage& operator=(const LeastUsage&) = delete;

  /// The attributes point into this object.
  void add_to(Attributes& wanted);

 private:
  std::vector<CK_MECHANISM_TYPE> mechanisms_;
  std::vector<CK_ATTRIBUTE> opened_;
};

/// Whether a device says by this that it knows or keeps no such attributes.
bool refuses_attributes(const Error& error);

/// Calls `make` with the attributes of least usage, and without them (null) when the device refuses
/// those. Gives what it gives; it throws Error.
template <typename Make>
auto with_least_usage(KeyType type, const Usage& usage, const Make& make) {
  try {
    LeastUsage least(type, usage);
    return make(&least);
  } catch (const Error& error) {
    if (!refuses_attributes(error)) throw;
  }
  return make(static_cast<LeastUsage*>(nullptr));
}

}  // namespace hsm
