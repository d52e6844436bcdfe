#include "hsm/call_script.h"

#include <algorithm>
#include <cstring>

#include "hsm/module_state.h"
#include "hsm/token_state.h"

namespace hsm {

namespace {

constexpr std::uint8_t kFiller = 0x35;
constexpr std::size_t kRoom = 64;  ///< beyond the longest, for devices that ask for more

/// Parameters that point to data: where pointer and length stand in them.
struct DataPlace {
  CK_MECHANISM_TYPE type;
  std::size_t pointer, length;
};

constexpr DataPlace kDataPlaces[] = {
    {CKM_DES3_ECB_ENCRYPT_DATA, offsetof(CK_KEY_DERIVATION_STRING_DATA, pData),
     offsetof(CK_KEY_DERIVATION_STRING_DATA, ulLen)},
    {CKM_AES_ECB_ENCRYPT_DATA, offsetof(CK_KEY_DERIVATION_STRING_DATA, pData),
     offsetof(CK_KEY_DERIVATION_STRING_DATA, ulLen)},
    {CKM_XOR_BASE_AND_DATA, offsetof(CK_KEY_DERIVATION_STRING_DATA, pData),
     offsetof(CK_KEY_DERIVATION_STRING_DATA, ulLen)},
    {CKM_DES3_CBC_ENCRYPT_DATA, offsetof(CK_DES_CBC_ENCRYPT_DATA_PARAMS, pData),
     offsetof(CK_DES_CBC_ENCRYPT_DATA_PARAMS, length)},
    {CKM_AES_GCM, offsetof(CK_GCM_PARAMS, pIv), offsetof(CK_GCM_PARAMS, ulIvLen)},
    {CKM_AES_GCM, offsetof(CK_GCM_PARAMS, pAAD), offsetof(CK_GCM_PARAMS, ulAADLen)},
};

/// Attributes whose values anybody may know; of all others the length alone is kept.
constexpr CK_ATTRIBUTE_TYPE kOpen[] = {CKA_CLASS,
                                       CKA_KEY_TYPE,
                                       CKA_TOKEN,
                                       CKA_PRIVATE,
                                       CKA_SENSITIVE,
                                       CKA_EXTRACTABLE,
                                       CKA_MODIFIABLE,
                                       CKA_LABEL,
                                       CKA_ID,
                                       CKA_ENCRYPT,
                                       CKA_DECRYPT,
                                       CKA_WRAP,
                                       CKA_UNWRAP,
                                       CKA_DERIVE,
                                       CKA_SIGN,
                                       CKA_VERIFY,
                                       CKA_SIGN_RECOVER,
                                       CKA_VERIFY_RECOVER,
                                       CKA_VALUE_LEN,
                                       CKA_MODULUS_BITS,
                                       CKA_MODULUS,
                                       CKA_PUBLIC_EXPONENT,
                                       CKA_ALLOWED_MECHANISMS,
                                       CKA_WRAP_WITH_TRUSTED};

bool is_open(CK_ATTRIBUTE_TYPE type) {
  return std::ranges::find(kOpen, type) != std::end(kOpen);
}

}  // namespace

CallWatch& call_watch() {
  thread_local CallWatch watch;
  return watch;
}

CallTime::CallTime() {
  call_watch().time = this;
}

CallTime::~CallTime() {
  call_watch().time = nullptr;
}

NotedMechanism::NotedMechanism(const CK_MECHANISM& noted) : type_(noted.mechanism) {
  const auto* parameter = static_cast<const std::uint8_t*>(noted.pParameter);
  if (parameter != nullptr) parameter_.assign(parameter, parameter + noted.ulParameterLen);
}

CK_RV NotedMechanism::with(const std::function<CK_RV(CK_MECHANISM*)>& use) const {
  Bytes parameter = parameter_;
  std::vector<Bytes> data;
  data.reserve(std::size(kDataPlaces));
  for (const DataPlace& place : kDataPlaces) {
    if (place.type != type_) continue;
    CK_ULONG length = 0;
    std::memcpy(&length, parameter.data() + place.length, sizeof(length));
    std::uint8_t* const filler = data.emplace_back(length, kFiller).data();
    std::memcpy(parameter.data() + place.pointer, &filler, sizeof(filler));
  }
  CK_MECHANISM mechanism{type_, parameter.empty() ? nullptr : parameter.data(), parameter.size()};
  return use(&mechanism);
}

NotedAttributes::NotedAttributes(const CK_ATTRIBUTE* noted, CK_ULONG count, Keep keep) {
  for (CK_ULONG i = 0; i < count; ++i) {
    const auto* value = static_cast<const std::uint8_t*>(noted[i].pValue);
    types_.push_back(noted[i].type);
    values_.push_back(value == nullptr || keep == Keep::lengths || !is_open(noted[i].type)
                          ? Bytes(noted[i].ulValueLen, kFiller)
                          : Bytes(value, value + noted[i].ulValueLen));
  }
}

std::vector<CK_ATTRIBUTE> NotedAttributes::list(std::vector<Bytes>& values) const {
  values = values_;
  std::vector<CK_ATTRIBUTE> list;
  for (std::size_t i = 0; i < types_.size(); ++i)
    list.push_back({types_[i], values[i].data(), values[i].size()});
  return list;
}

struct CallScript::State {
  std::shared_ptr<Token::State> token;
  CallRecorder recorder;
};

CallScript CallScript::record(Module& module, const std::string& token_label,
                              const std::function<void()>& work) {
  Library& library = *module.state().library;
  auto state = std::make_shared<State>();
  {
    const std::lock_guard opening(library.opening());
    state->token = library.open_tokens()[token_label].lock();
  }
  if (!state->token) throw SetupError("the token \"" + token_label + "\" is not open");
  struct Recording {
    explicit Recording(CallRecorder& recorder) { call_watch().recorder = &recorder; }
    ~Recording() { call_watch().recorder = nullptr; }
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
  };
  {
    const Recording recording(state->recorder);
    work();
  }
  return CallScript(std::move(state));
}

std::size_t CallScript::calls() const {
  return state_->recorder.calls.size();
}

const std::vector<std::string>& CallScript::left_out() const {
  return state_->recorder.left_out;
}

struct CallScript::Player::State {
  std::shared_ptr<CallScript::State> script;
  std::unique_ptr<Session> session;
  Replay replay;
};

CallScript::Player::Player(const CallScript& script) : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.script = script.state_;
  Token::State& token = *state.script->token;
  state.session = token.sessions.open_apart();
  state.replay.list = token.library->calls().list();
  state.replay.session = state.session->handle();
  // Never written to: a number below every modulus, for RSA without padding.
  state.replay.in.assign(state.script->recorder.longest + kRoom, kFiller);
  state.replay.out = state.replay.in;
}

CallScript::Player::~Player() = default;

void CallScript::Player::play() {
  for (const NotedCall& call : state_->script->recorder.calls)
    if (const CK_RV rv = call.make(state_->replay); rv != CKR_OK) throw Error(call.name, rv);
}

}  // namespace hsm
