// What the device holds against whoever has logged in: usage, locks, templates.
#include <array>
#include <thread>

#include "hsm/mechanism_probe.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "rules";
constexpr std::size_t kSessions = 64;

/// A device that refuses keeps its rule; whatever it answers by.
bool refused(CK_RV rv) {
  if (const Error error("a probe", rv); error.device_lost()) throw error;
  return rv != CKR_OK;
}

CK_RV begin(Session& session, CK_OBJECT_HANDLE key, bool decrypt) {
  CK_MECHANISM mechanism{CKM_DES3_ECB, nullptr, 0};
  return decrypt ? session.run(HSM_CALL(C_DecryptInit), &mechanism, key)
                 : session.run(HSM_CALL(C_EncryptInit), &mechanism, key);
}

bool keeps_usage(Token& token, Token::State& state) {
  const Key key = throwaway(token, KeyType::des2, {.encrypt = true});
  // A session of its own: an operation may stay open in it.
  const auto session = state.sessions.open_apart();
  return refused(begin(*session, state.handle_of(key), true));
}

bool change_is_refused(Token::State& state, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                       bool value) {
  Attributes change;
  change.flag(type, value);
  const auto session = state.sessions.open_apart();
  return refused(session->run(HSM_CALL(C_SetAttributeValue), object, change.data(), change.size()));
}

bool copy_is_refused(Token::State& state, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
                     bool value) {
  Attributes change;
  change.flag(type, value);
  const auto session = state.sessions.open_apart();
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv =
      session->run(HSM_CALL(C_CopyObject), object, change.data(), change.size(), &copy);
  if (rv == CKR_OK) session->run(HSM_CALL(C_DestroyObject), copy);
  return refused(rv);
}

/// A session key that can be neither changed nor copied.
class LockedKey {
 public:
  LockedKey(Token& token, Token::State& state)
      : key_(throwaway(token, KeyType::des2, {.encrypt = true})),
        session_(state.sessions.open_apart()) {
    const auto copy = copy_locked(*session_, state.handle_of(key_));
    if (!copy) throw SetupError("the device makes no locked copies");
    object_ = *copy;
  }
  ~LockedKey() { session_->run(HSM_CALL(C_DestroyObject), object_); }
  LockedKey(const LockedKey&) = delete;
  LockedKey& operator=(const LockedKey&) = delete;
  CK_OBJECT_HANDLE object() const { return object_; }

 private:
  Key key_;
  std::unique_ptr<Session> session_;
  CK_OBJECT_HANDLE object_ = CK_INVALID_HANDLE;
};

/// A key that may encipher by CBC alone must refuse ECB.
bool keeps_allowed_mechanisms(Token::State& state) {
  const std::array<CK_MECHANISM_TYPE, 1> allowed = {CKM_DES3_CBC};
  const Key key = make_secret(
      state, KeyType::des2, 16, {.encrypt = true}, "", [&](Session& session, Attributes& wanted) {
        wanted.bytes(
            CKA_ALLOWED_MECHANISMS,
            ByteView(reinterpret_cast<const std::uint8_t*>(allowed.data()), sizeof(allowed)));
        CK_MECHANISM mechanism{CKM_DES2_KEY_GEN, nullptr, 0};
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        session.check(HSM_CALL(C_GenerateKey), &mechanism, wanted.data(), wanted.size(), &object);
        return object;
      });
  const auto session = state.sessions.open_apart();
  return refused(begin(*session, state.handle_of(key), false));
}

/// A key that opens what must then not leave refuses to open what may.
bool keeps_unwrap_template(Token& token, Token::State& state) {
  CK_BBOOL no = CK_FALSE;
  std::array<CK_ATTRIBUTE, 1> inner = {CK_ATTRIBUTE{CKA_EXTRACTABLE, &no, sizeof(no)}};
  const Key above = make_secret(
      state, KeyType::aes, 32, {.wrap = true, .unwrap = true}, "",
      [&](Session& session, Attributes& wanted) {
        wanted.number(CKA_VALUE_LEN, 32)
            .bytes(CKA_UNWRAP_TEMPLATE,
                   ByteView(reinterpret_cast<const std::uint8_t*>(inner.data()), sizeof(inner)));
        CK_MECHANISM mechanism{CKM_AES_KEY_GEN, nullptr, 0};
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        session.check(HSM_CALL(C_GenerateKey), &mechanism, wanted.data(), wanted.size(), &object);
        return object;
      });
  const Key key = throwaway(token, KeyType::des2, {.extractable = true});
  constexpr auto kMethod = Token::WrapMethod::aes_kw;
  const Bytes wrapped = token.wrap(above, key, kMethod);
  try {
    const Key open =
        token.unwrap(above, wrapped, kMethod, KeyType::des2, 16, {.extractable = true});
    auto lease = state.sessions.borrow();
    return !read_flag(*lease.session(), state.handle_of(open), CKA_EXTRACTABLE);
  } catch (const Error& error) {
    if (error.device_lost()) throw;
    return true;
  }
}

bool opens_sessions(Token::State& state) {
  std::vector<std::unique_ptr<Session>> open;
  for (std::size_t i = 0; i < kSessions; ++i) open.push_back(state.sessions.open_apart());
  return true;
}

/// Two threads that encipher at the same time get what one gets.
bool serves_threads(Token& token) {
  const Key key = throwaway(token, KeyType::des2, {.encrypt = true});
  Bytes expected = probe_pattern(4096);
  token.encrypt_ecb(key, expected);
  std::array<bool, 2> right = {true, true};
  const auto work = [&](std::size_t which) {
    try {
      for (int round = 0; round < 50; ++round) {
        Bytes data = probe_pattern(4096);
        token.encrypt_ecb(key, data);
        right[which] = right[which] && data == expected;
      }
    } catch (const Error&) {
      right[which] = false;
    }
  };
  std::thread other(work, 1);
  work(0);
  other.join();
  return right[0] && right[1];
}

}  // namespace

void add_rule_probes(Probes& to) {
  const auto add = [&](const std::string& name, auto run) {
    to.push_back({{name, kGroup, ""}, run});
  };
  add("a usage that a key has not is refused", keeps_usage);
  add("a sensitive key stays sensitive", [](Token& token, Token::State& state) {
    const Key key = throwaway(token, KeyType::des2, {.extractable = true});
    return change_is_refused(state, state.handle_of(key), CKA_SENSITIVE, false) &&
           copy_is_refused(state, state.handle_of(key), CKA_SENSITIVE, false);
  });
  add("a key that may not leave never may", [](Token& token, Token::State& state) {
    const Key key = throwaway(token, KeyType::des2, {.encrypt = true});
    return change_is_refused(state, state.handle_of(key), CKA_EXTRACTABLE, true) &&
           copy_is_refused(state, state.handle_of(key), CKA_EXTRACTABLE, true);
  });
  add("a locked key gains no usage", [](Token& token, Token::State& state) {
    const LockedKey key(token, state);
    return change_is_refused(state, key.object(), CKA_DECRYPT, true);
  });
  add("a locked key cannot be copied", [](Token& token, Token::State& state) {
    const LockedKey key(token, state);
    return copy_is_refused(state, key.object(), CKA_DECRYPT, true);
  });
  add("CKA_ALLOWED_MECHANISMS is kept",
      [](Token&, Token::State& state) { return keeps_allowed_mechanisms(state); });
  add("CKA_UNWRAP_TEMPLATE is kept", keeps_unwrap_template);
  add("64 sessions at once", [](Token&, Token::State& state) { return opens_sessions(state); });
  add("two threads at once", [](Token& token, auto&) { return serves_threads(token); });
}

}  // namespace hsm
