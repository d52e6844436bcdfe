#include <algorithm>
#include <set>

#include "hsm/login_lock.h"
#include "hsm/module_state.h"
#include "hsm/token_state.h"

namespace hsm {

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

/// Tokens of this process that refused a PIN: path, label and serial number. They are not asked
/// again, whoever comes: a device counts every try.
class Refusals {
 public:
  static Refusals& of_process() {
    static Refusals instance;
    return instance;
  }
  static std::string key(const Library& library, const FoundToken& token) {
    const auto& serial = token.info.serialNumber;
    return library.path() + '\n' + label_of(token.info) + '\n' +
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

FoundToken find_token(Calls& calls, const std::string& label) {
  std::optional<FoundToken> found;
  std::string others;
  for (const auto& token : find_initialized_tokens(calls)) {
    const std::string name = label_of(token.info);
    if (name != label) {
      others += (others.empty() ? "\"" : ", \"") + name + "\"";
      continue;
    }
    if (found)
      throw SetupError("two tokens of the device are labelled \"" + label + "\": rename one");
    found = token;
  }
  if (!found)
    throw SetupError("the device has no token \"" + label +
                     "\" (it has: " + (others.empty() ? "none" : others) + ")");
  return *found;
}

/// Throws SetupError when a log-in would lock the token's PIN or cannot succeed.
void check_pin_state(Calls& calls, const FoundToken& token, const std::string& label) {
  CK_TOKEN_INFO info{};
  calls.check(HSM_CALL(C_GetTokenInfo), token.slot, &info);
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

void log_in(Library& library, const FoundToken& token, const std::string& label, Session& session,
            PinSource& pins) {
  const std::string refusal = Refusals::key(library, token);
  if (Refusals::of_process().has(refusal))
    throw SetupError("the token \"" + label +
                     "\" refused the PIN before: it is not tried again in "
                     "this process");
  check_pin_state(library.calls(), token, label);
  const Secret pin = pins.pin(label);
  if (pin.empty()) throw SetupError("no PIN was given for the token \"" + label + "\"");
  const LoginLock lock;
  check_pin_state(library.calls(), token, label);  // another process may have spent tries
  const PinArgument argument(pin);
  const CK_RV rv =
      session.run(HSM_CALL(C_Login), CK_USER_TYPE{CKU_USER}, argument.bytes, argument.length);
  if (rv != CKR_OK && rv != CKR_USER_ALREADY_LOGGED_IN) fail_login(rv, label, refusal);
}

bool needs_login(const FoundToken& token, Session& session) {
  if ((token.info.flags & CKF_LOGIN_REQUIRED) == 0) return false;
  CK_SESSION_INFO info{};
  session.check(HSM_CALL(C_GetSessionInfo), &info);
  return info.state != CKS_RW_USER_FUNCTIONS;
}

}  // namespace

Token::State::State(std::shared_ptr<Library> from, std::string name, CK_SLOT_ID in,
                    CK_TOKEN_INFO about)
    : library(std::move(from)),
      label(std::move(name)),
      slot(in),
      info(about),
      number(next_number()),
      sessions(std::shared_ptr<Calls>(library, &library->calls()), in) {}

CK_OBJECT_HANDLE Token::State::handle_of(const Key& key) const {
  if (!key) throw SetupError("no key is given to the token \"" + label + "\"");
  if (key.state().token_number != number)
    throw SetupError("the key \"" + key.label() + "\" was not opened in the token \"" + label +
                     "\"");
  const CK_OBJECT_HANDLE handle = key.state().handle;
  if (handle == CK_INVALID_HANDLE)
    throw SetupError("the key \"" + key.label() + "\" of the token \"" + label +
                     "\" was destroyed");
  return handle;
}

Token::Token(std::shared_ptr<State> state) : state_(std::move(state)) {}
Token::~Token() = default;

std::shared_ptr<Token> Token::open(std::shared_ptr<Module> module, const std::string& label,
                                   PinSource& pins) {
  const auto library = module->state().library;
  const std::lock_guard opening(library->opening());
  auto& entry = library->open_tokens()[label];
  auto state = entry.lock();
  if (!state || state->sessions.lost()) {
    const FoundToken token = find_token(library->calls(), label);
    state = std::make_shared<State>(library, label, token.slot, token.info);
    state->anchor = state->sessions.open_apart();
    if (needs_login(token, *state->anchor)) log_in(*library, token, label, *state->anchor, pins);
    entry = state;
  }
  return std::shared_ptr<Token>(new Token(std::move(state)));
}

const std::string& Token::label() const {
  return state_->label;
}

}  // namespace hsm
