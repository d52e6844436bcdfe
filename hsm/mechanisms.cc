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

bool Token::works(const std::string& operation) {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto known = state_->working.find(operation); known != state_->working.end())
      return known->second;
  }
  return probe(operation).works;
}

ProbeAnswer Token::probe(const std::string& operation) {
  ProbeAnswer answer = run_probe(*this, *state_, operation);
  assume(operation, answer.works);
  return answer;
}

void Token::assume(const std::string& operation, bool works) {
  const std::lock_guard lock(state_->mutex);
  state_->working[operation] = works;
}

}  // namespace hsm
