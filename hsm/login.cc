#include "hsm/login.h"

#include <set>

#include "hsm/kept_files.h"
#include "hsm/login_lock.h"
#include "hsm/module_state.h"

namespace hsm {

namespace {

/// Tokens of this process that refused a PIN: path, label and serial number. They are not asked
/// again, whoever comes: a device counts every try.
class Refusals {
 public:
  static Refusals& of_process() {
    static Refusals instance;
    return instance;
  }
  static std::string key(const Token::State& token) {
    const auto& serial = token.info.serialNumber;
    return token.library->path() + '\n' + token.label + '\n' +
           std::string(std::begin(serial), std::end(serial));
  }
  bool has(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return keys_.contains(key);
  }
  void add(const std::string& key) {
    const std::lock_guard lock(mutex_);
    keys_.insert(key);
  }

 private:
  std::mutex mutex_;
  std::set<std::string> keys_;
};

/// Throws SetupError when a log-in would lock the token's PIN or cannot succeed.
void check_pin_state(const CK_TOKEN_INFO& info, const std::string& label) {
  const std::string start = "the PIN of the token \"" + label + "\" ";
  if ((info.flags & CKF_USER_PIN_INITIALIZED) == 0)
    throw SetupError(start + "is not set yet: the token's officer must set it");
  if ((info.flags & CKF_USER_PIN_LOCKED) != 0)
    throw SetupError(start + "is locked: the token's officer must set a new one");
  if ((info.flags & CKF_USER_PIN_FINAL_TRY) != 0)
    throw SetupError(start +
                     "has one try left, which is not spent here: log in once with the "
                     "device's own tool to reset the counter");
}

[[noreturn]] void fail_login(CK_RV rv, const std::string& label, const std::string& refusal) {
  const std::string start = "the token \"" + label + "\" ";
  const bool refused = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE;
  if (refused || rv == CKR_PIN_EXPIRED || rv == CKR_PIN_LOCKED) Refusals::of_process().add(refusal);
  if (refused)
    throw SetupError(start +
                     "refused the PIN; it was tried once and is not tried again: start "
                     "again with the right one");
  if (rv == CKR_PIN_EXPIRED) throw SetupError(start + "says that its PIN is expired: change it");
  if (rv == CKR_PIN_LOCKED)
    throw SetupError(start + "has locked its PIN: the token's officer must set a new one");
  throw Error("C_Login", rv);
}

}  // namespace

bool needs_login(const CK_TOKEN_INFO& info, Session& session) {
  if ((info.flags & CKF_LOGIN_REQUIRED) == 0) return false;
  CK_SESSION_INFO state{};
  session.check(HSM_CALL(C_GetSessionInfo), &state);
  return state.state != CKS_RW_USER_FUNCTIONS;
}

void log_in(Token::State& token, PinSource& pins) {
  const std::string refusal = Refusals::key(token);
  if (Refusals::of_process().has(refusal))
    throw SetupError("the token \"" + token.label +
                     "\" refused the PIN before: it is not tried again in this process");
  check_pin_state(token.info, token.label);
  const Secret pin = pins.pin(token.label);
  if (pin.empty()) throw SetupError("no PIN was given for the token \"" + token.label + "\"");
  const LoginLock lock(token.library->rules().apart);
  CK_TOKEN_INFO now{};  // others may have spent tries meanwhile
  token.library->calls().check(HSM_CALL(C_GetTokenInfo), token.slot, &now);
  check_pin_state(now, token.label);
  keep_files(token.library->rules().kept_files);
  const PinArgument argument(pin);
  const CK_RV rv =
      token.anchor->run(HSM_CALL(C_Login), CK_USER_TYPE{CKU_USER}, argument.bytes, argument.length);
  if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN) fail_login(rv, token.label, refusal);
}

}  // namespace hsm
