#include "hsm/mechanism_dictionary.h"
#include "hsm/mechanism_probe.h"
#include "hsm/token_state.h"

namespace hsm {

std::vector<std::string> Token::mechanisms() {
  Calls& calls = state_->library->calls();
  CK_ULONG count = 0;
  calls.check(HSM_CALL(C_GetMechanismList), state_->slot, static_cast<CK_MECHANISM_TYPE*>(nullptr),
              &count);
  std::vector<CK_MECHANISM_TYPE> numbers(count);
  calls.check(HSM_CALL(C_GetMechanismList), state_->slot, numbers.data(), &count);
  numbers.resize(count);
  std::vector<std::string> names;
  for (const CK_MECHANISM_TYPE number : numbers) names.push_back(mechanism_name(number));
  return names;
}

bool Token::works(const std::string& mechanism) {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto known = state_->working.find(mechanism); known != state_->working.end())
      return known->second;
  }
  const bool answer = probe_mechanism(*this, *state_, mechanism);
  const std::lock_guard lock(state_->mutex);
  state_->working[mechanism] = answer;
  return answer;
}

}  // namespace hsm
