#include "hsm/login.h"
#include "hsm/login_lock.h"
#include "hsm/module_state.h"
#include "hsm/token_state.h"

namespace hsm {

namespace {

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

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

namespace {

/// Finds the token and opens the first session with it.
std::shared_ptr<Token::State> connect(const std::shared_ptr<Library>& library,
                                      const std::string& label) {
  const LoginLock lock(library->rules().apart);
  const FoundToken token = find_token(library->calls(), label);
  auto state = std::make_shared<Token::State>(library, label, token.slot, token.info);
  state->anchor = state->sessions.open_apart();
  return state;
}

}  // namespace

std::shared_ptr<Token> Token::open(std::shared_ptr<Module> module, const std::string& label,
                                   PinSource& pins) {
  const auto library = module->state().library;
  const std::lock_guard opening(library->opening());
  auto& entry = library->open_tokens()[label];
  auto state = entry.lock();
  if (!state || state->sessions.lost()) {
    state = connect(library, label);
    if (needs_login(state->info, *state->anchor)) log_in(*state, pins);
    entry = state;
  }
  return std::shared_ptr<Token>(new Token(std::move(state)));
}

const std::string& Token::label() const {
  return state_->label;
}

}  // namespace hsm
