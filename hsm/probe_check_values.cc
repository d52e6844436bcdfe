// CKA_CHECK_VALUE as the device gives it, against the check value itself.
#include <array>

#include "hsm/mechanism_probe.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "check values";

/// Right when it is what the key gives by enciphering zeros.
bool is_right(Token& token, Token::State& state, const Key& key) {
  auto lease = state.sessions.borrow();
  const auto told = read_bytes(*lease.session(), state.handle_of(key), CKA_CHECK_VALUE);
  if (!told || told->empty()) throw SetupError("the device tells none");
  Bytes block(8);
  token.encrypt_ecb(key, block);
  block.resize(told->size() < block.size() ? told->size() : block.size());
  return *told == block;
}

Key derived(Token& token) {
  const Key master = throwaway(token, KeyType::des2, {.derive = true});
  const std::array inputs = {probe_pattern(16)};
  return token.derive(master, inputs, Token::DeriveMode::ecb, {.encrypt = true}).front();
}

Key unwrapped(Token& token) {
  const Key above = throwaway(token, KeyType::aes, {.wrap = true, .unwrap = true});
  const Key key = throwaway(token, KeyType::des2, {.encrypt = true, .extractable = true});
  constexpr auto kMethod = Token::WrapMethod::aes_kw;
  return token.unwrap(above, token.wrap(above, key, kMethod), kMethod, KeyType::des2, 16,
                      {.encrypt = true});
}

}  // namespace

void add_kcv_probes(Probes& to) {
  const auto add = [&](const std::string& of, auto make) {
    to.push_back({{"CKA_CHECK_VALUE of " + of + " keys", kGroup, ""},
                  [make](Token& token, Token::State& state) {
                    return is_right(token, state, make(token));
                  }});
  };
  add("generated", [](Token& token) { return throwaway(token, KeyType::des2, {.encrypt = true}); });
  add("imported", [](Token& token) {
    return token.create_secret(KeyType::des2, probe_key(16, 59), {.encrypt = true});
  });
  add("derived", derived);
  add("unwrapped", unwrapped);
}

}  // namespace hsm
