#include <array>

#include "hsm/login_lock.h"
#include "hsm/module_state.h"
#include "hsm/session.h"

namespace hsm {

std::vector<FoundToken> find_tokens(Calls& calls) {
  constexpr CK_BBOOL kWithToken = CK_TRUE;
  std::vector<CK_SLOT_ID> slots;
  CK_RV rv = CKR_BUFFER_TOO_SMALL;
  while (rv == CKR_BUFFER_TOO_SMALL) {
    CK_ULONG count = 0;
    calls.check(HSM_CALL(C_GetSlotList), kWithToken, static_cast<CK_SLOT_ID*>(nullptr), &count);
    slots.resize(count);
    rv = calls.run(HSM_CALL(C_GetSlotList), kWithToken, slots.data(), &count);
    if (rv == CKR_OK) slots.resize(count);
  }
  if (rv != CKR_OK) throw Error("C_GetSlotList", rv);
  std::vector<FoundToken> tokens;
  for (const CK_SLOT_ID slot : slots) {
    FoundToken token{slot, {}};
    const CK_RV answer = calls.run(HSM_CALL(C_GetTokenInfo), slot, &token.info);
    if (answer == CKR_TOKEN_NOT_PRESENT || answer == CKR_TOKEN_NOT_RECOGNIZED) continue;
    if (answer != CKR_OK) throw Error("C_GetTokenInfo", answer);
    tokens.push_back(token);
  }
  return tokens;
}

std::vector<FoundToken> find_initialized_tokens(Calls& calls) {
  auto tokens = find_tokens(calls);
  std::erase_if(tokens, [](const auto& t) { return (t.info.flags & CKF_TOKEN_INITIALIZED) == 0; });
  return tokens;
}

std::string label_of(const CK_TOKEN_INFO& info) {
  std::string label(std::begin(info.label), std::end(info.label));
  label.erase(label.find_last_not_of(std::string(" \0", 2)) + 1);
  return label;
}

Module::Module(std::unique_ptr<State> state) : state_(std::move(state)) {}
Module::~Module() = default;

std::shared_ptr<Module> Module::load(const std::string& path, const LibraryRules& rules) {
  auto state = std::make_unique<State>(State{Library::load(path, rules)});
  return std::shared_ptr<Module>(new Module(std::move(state)));
}

const std::vector<std::string>& Module::restored_files() const {
  return state_->library->restored_files();
}

std::vector<std::string> Module::token_labels() {
  const LoginLock lock(state_->library->rules().apart);
  std::vector<std::string> labels;
  for (const auto& token : find_initialized_tokens(state_->library->calls()))
    labels.push_back(label_of(token.info));
  return labels;
}

void Module::set_tap(CallTap tap) {
  state_->library->calls().set_tap(std::move(tap));
}

}  // namespace hsm
