// Making tokens, in the ways that devices have for it.
#include <algorithm>
#include <array>

#include "hsm/login_lock.h"
#include "hsm/module_state.h"

namespace hsm {

namespace {

using Padded = std::array<CK_UTF8CHAR, sizeof(CK_TOKEN_INFO::label)>;

Padded padded_label(const std::string& label) {
  Padded padded{};
  if (label.empty() || label.size() > padded.size())
    throw SetupError("a token's label has 1 to 32 bytes: \"" + label + "\"");
  padded.fill(' ');
  std::ranges::copy(label, padded.begin());
  return padded;
}

/// The slot of the one token with this label; throws SetupError when there is none.
CK_SLOT_ID slot_of(Calls& calls, const std::string& label) {
  for (const auto& token : find_initialized_tokens(calls))
    if (label_of(token.info) == label) return token.slot;
  throw SetupError("the new token \"" + label + "\" does not appear in any slot");
}

/// A session for the officer or the user of a token without PINs yet, closed with the scope.
class FirstSession {
 public:
  FirstSession(Calls& calls, CK_SLOT_ID slot) : calls_(calls) {
    calls_.check(HSM_CALL(C_OpenSession), slot, CK_FLAGS{CKF_SERIAL_SESSION | CKF_RW_SESSION},
                 static_cast<void*>(nullptr), CK_NOTIFY{nullptr}, &session_);
  }
  ~FirstSession() {
    calls_.run(HSM_CALL(C_Logout), session_);
    calls_.run(HSM_CALL(C_CloseSession), session_);
  }
  FirstSession(const FirstSession&) = delete;
  FirstSession& operator=(const FirstSession&) = delete;

  void log_in(CK_USER_TYPE user, const Secret& pin) {
    const PinArgument argument(pin);
    require("C_Login",
            calls_.run(HSM_CALL(C_Login), session_, user, argument.bytes, argument.length));
  }
  void set_user_pin(const Secret& pin) {
    const PinArgument argument(pin);
    require("C_InitPIN",
            calls_.run(HSM_CALL(C_InitPIN), session_, argument.bytes, argument.length));
  }
  void change_pin(const Secret& from, const Secret& to) {
    const PinArgument old_pin(from);
    const PinArgument new_pin(to);
    require("C_SetPIN", calls_.run(HSM_CALL(C_SetPIN), session_, old_pin.bytes, old_pin.length,
                                   new_pin.bytes, new_pin.length));
  }

 private:
  static void require(const char* call, CK_RV rv) {
    if (rv != CKR_OK)
      throw Error(call, rv, "the new token has no user's PIN yet: its officer must set it");
  }

  Calls& calls_;
  CK_SESSION_HANDLE session_ = CK_INVALID_HANDLE;
};

void set_pins(Calls& calls, CK_SLOT_ID slot, const Secret& first, const Secret& officer_pin,
              const Secret& user_pin, bool renew) {
  {
    FirstSession officer(calls, slot);
    officer.log_in(CKU_SO, first);
    if (renew) officer.change_pin(first, officer_pin);
    // A first PIN that must be changed cannot be the one that it is changed to.
    officer.set_user_pin(renew ? first : user_pin);
  }
  if (!renew) return;
  FirstSession user(calls, slot);
  user.log_in(CKU_USER, first);
  user.change_pin(first, user_pin);
}

CK_SLOT_ID free_slot(Calls& calls, const std::string& label, const TokenMaking& making) {
  const auto tokens = find_tokens(calls);
  const FoundToken* free = nullptr;
  for (const auto& token : tokens) {
    const bool named = making.way == TokenMaking::Way::init_pin;
    const CK_FLAGS made = named ? CKF_USER_PIN_INITIALIZED : CKF_TOKEN_INITIALIZED;
    const bool is_made = (token.info.flags & made) != 0;
    if (is_made && label_of(token.info) == label)
      throw SetupError("there is a token \"" + label + "\" already");
    if (!is_made && free == nullptr && (!named || label_of(token.info) == label)) free = &token;
  }
  if (free == nullptr)
    throw SetupError("no slot of the device is free for the token \"" + label + "\"");
  return free->slot;
}

}  // namespace

void Module::init_token(const std::string& label, const Secret& so_pin, const Secret& user_pin,
                        const TokenMaking& making) {
  Padded padded = padded_label(label);
  if (so_pin.empty() || user_pin.empty())
    throw SetupError("the token \"" + label + "\" needs an officer's and a user's PIN");
  Calls& calls = state_->library->calls();
  const std::lock_guard opening(state_->library->opening());
  const LoginLock lock(state_->library->rules().apart);
  const CK_SLOT_ID slot = free_slot(calls, label, making);
  if (making.way == TokenMaking::Way::init_pin)
    return set_pins(calls, slot, Secret(), so_pin, user_pin, making.renew_pins);
  const Secret first = making.officer_pin.empty() ? so_pin.duplicate()
                                                  : Secret(emvcrypto::as_bytes(making.officer_pin));
  const PinArgument officer(first);
  calls.check(HSM_CALL(C_InitToken), slot, officer.bytes, officer.length, padded.data());
  set_pins(calls, slot_of(calls, label), first, so_pin, user_pin, making.renew_pins);
}

}  // namespace hsm
