#include <algorithm>
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

std::shared_ptr<Module> Module::load(const std::string& path) {
  auto state = std::make_unique<State>(State{Library::load(path)});
  return std::shared_ptr<Module>(new Module(std::move(state)));
}

std::vector<std::string> Module::token_labels() {
  const LoginLock lock;
  std::vector<std::string> labels;
  for (const auto& token : find_initialized_tokens(state_->library->calls()))
    labels.push_back(label_of(token.info));
  return labels;
}

void Module::set_tap(CallTap tap) {
  state_->library->calls().set_tap(std::move(tap));
}

namespace {

/// The slot of the one token with this label; throws SetupError when there is none.
CK_SLOT_ID slot_of(Calls& calls, const std::string& label) {
  for (const auto& token : find_initialized_tokens(calls))
    if (label_of(token.info) == label) return token.slot;
  throw SetupError("the new token \"" + label + "\" does not appear in any slot");
}

void set_user_pin(Calls& calls, CK_SLOT_ID slot, const Secret& so_pin, const Secret& user_pin) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  calls.check(HSM_CALL(C_OpenSession), slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
              static_cast<void*>(nullptr), CK_NOTIFY{nullptr}, &session);
  const PinArgument officer(so_pin);
  const PinArgument user(user_pin);
  const char* failed = "C_Login";
  CK_RV rv =
      calls.run(HSM_CALL(C_Login), session, CK_USER_TYPE{CKU_SO}, officer.bytes, officer.length);
  if (rv == CKR_OK) {
    failed = "C_InitPIN";
    rv = calls.run(HSM_CALL(C_InitPIN), session, user.bytes, user.length);
    calls.run(HSM_CALL(C_Logout), session);
  }
  calls.run(HSM_CALL(C_CloseSession), session);
  if (rv != CKR_OK)
    throw Error(failed, rv, "the new token has no user's PIN yet: its officer must set it");
}

}  // namespace

void Module::init_token(const std::string& label, const Secret& so_pin, const Secret& user_pin) {
  std::array<CK_UTF8CHAR, sizeof(CK_TOKEN_INFO::label)> padded{};
  if (label.empty() || label.size() > padded.size())
    throw SetupError("a token's label has 1 to 32 bytes: \"" + label + "\"");
  if (so_pin.empty() || user_pin.empty())
    throw SetupError("the token \"" + label + "\" needs an officer's and a user's PIN");
  padded.fill(' ');
  std::ranges::copy(label, padded.begin());
  Calls& calls = state_->library->calls();
  const std::lock_guard opening(state_->library->opening());
  const LoginLock lock;
  const auto tokens = find_tokens(calls);
  const FoundToken* free_slot = nullptr;
  for (const auto& token : tokens) {
    const bool initialized = (token.info.flags & CKF_TOKEN_INITIALIZED) != 0;
    if (initialized && label_of(token.info) == label)
      throw SetupError("there is a token \"" + label + "\" already");
    if (!initialized && free_slot == nullptr) free_slot = &token;
  }
  if (free_slot == nullptr)
    throw SetupError("no slot of the device is free for the token \"" + label + "\"");
  const PinArgument officer(so_pin);
  calls.check(HSM_CALL(C_InitToken), free_slot->slot, officer.bytes, officer.length, padded.data());
  set_user_pin(calls, slot_of(calls, label), so_pin, user_pin);
}

}  // namespace hsm
