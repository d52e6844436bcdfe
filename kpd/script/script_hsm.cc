// The table `hsm`: the personaliser's keys, by name.
#include <algorithm>
#include <array>

#include "kpd/script/script_run.h"

namespace kpd::script {
namespace {

constexpr const char* kKeys = "keys";  ///< metatable's name
constexpr std::size_t kKeyDataSize = 10;
constexpr std::size_t kLongestRole = 32;

/// Plain bytes: nothing in a script's memory is ever destroyed, it is overwritten.
struct KeysValue {
  std::array<char, kLongestRole + 1> role{};
  std::array<std::uint8_t, kKeyDataSize> key_data{};
  bool has_key_data = false;
};

int keys_text(lua_State* state) {
  lua_pushliteral(state, "keys");
  return 1;
}

std::string role_at(lua_State* state, int index) {
  const Bytes role = bytes_argument(state, index);
  if (role.empty() || role.size() > kLongestRole)
    luaL_error(state, "a role's name has 1 to 32 characters");
  return std::string(emvcrypto::as_text(role));
}

/// hsm.card_keys(role [, {key_data = bytes}])
int hsm_card_keys(lua_State* state) {
  ScriptKeys keys{role_at(state, 1), {}};
  if (lua_istable(state, 2) != 0) {
    only_fields(state, 2, {"key_data"});
    if (push_field(state, 2, "key_data")) {
      keys.key_data = bytes_argument(state, lua_gettop(state));
      if (keys.key_data.size() != kKeyDataSize) return luaL_error(state, "KEYDATA has 10 bytes");
      lua_pop(state, 1);
    }
  }
  push_keys(state, keys);
  return 1;
}

/// What is left of a request that no card answers.
int data_of(lua_State* state, int, lua_KContext) {
  push_bytes(state, card_run(state).answer.data);
  return 1;
}

/// Of a table's field, the place of its text among the names.
std::size_t choice_field(lua_State* state, const char* name,
                         std::initializer_list<std::string_view> names) {
  if (!push_field(state, 1, name)) luaL_error(state, "'%s' is wanted", name);
  const Bytes text = bytes_argument(state, lua_gettop(state));
  const auto found = std::ranges::find(names, emvcrypto::as_text(text));
  if (found == names.end()) luaL_error(state, "'%s' is not one of its values", name);
  lua_pop(state, 1);
  return static_cast<std::size_t>(found - names.begin());
}

CipherRequest read_cipher(lua_State* state) {
  CipherRequest request;
  request.keys = keys_field(state, 1, "keys");
  request.which = emvcrypto::CardKey{
      static_cast<std::uint8_t>(1 + choice_field(state, "which", {"enc", "mac", "dek"}))};
  if (!push_field(state, 1, "data")) luaL_error(state, "'data' is wanted");
  request.data = bytes_argument(state, lua_gettop(state));
  lua_pop(state, 1);
  return request;
}

int ask_keys(lua_State* state, CipherRequest request) {
  card_of(state);
  card_run(state).request = std::move(request);
  return lua_yieldk(state, 0, 0, data_of);
}

/// hsm.encipher{keys =, which =, mode =, data =}
int hsm_encipher(lua_State* state) {
  only_fields(state, 1, {"keys", "which", "mode", "data"});
  CipherRequest request = read_cipher(state);
  request.work = choice_field(state, "mode", {"ecb", "cbc"}) == 0 ? CipherRequest::Work::ecb
                                                                  : CipherRequest::Work::cbc;
  return ask_keys(state, std::move(request));
}

/// hsm.mac{keys =, which =, data =}
int hsm_mac(lua_State* state) {
  only_fields(state, 1, {"keys", "which", "data"});
  CipherRequest request = read_cipher(state);
  request.work = CipherRequest::Work::mac;
  return ask_keys(state, std::move(request));
}

}  // namespace

void push_keys(lua_State* state, const ScriptKeys& keys) {
  KeysValue value;
  std::ranges::copy(keys.role, value.role.begin());
  std::ranges::copy(keys.key_data, value.key_data.begin());
  value.has_key_data = !keys.key_data.empty();
  new (lua_newuserdatauv(state, sizeof(KeysValue), 0)) KeysValue(value);
  if (luaL_newmetatable(state, kKeys) != 0) {
    lua_pushcfunction(state, keys_text);
    lua_setfield(state, -2, "__tostring");
    lua_pushliteral(state, "no");
    lua_setfield(state, -2, "__metatable");
  }
  lua_setmetatable(state, -2);
}

ScriptKeys keys_field(lua_State* state, int index, const char* name) {
  if (!push_field(state, index, name))
    luaL_error(state, "'%s' is wanted: a role, or what hsm.card_keys() gave", name);
  ScriptKeys keys;
  if (const auto* value =
          static_cast<const KeysValue*>(luaL_testudata(state, lua_gettop(state), kKeys))) {
    keys.role = value->role.data();
    if (value->has_key_data) keys.key_data.assign(value->key_data.begin(), value->key_data.end());
  } else {
    keys.role = role_at(state, lua_gettop(state));
  }
  lua_pop(state, 1);
  return keys;
}

void push_hsm(lua_State* state) {
  lua_newtable(state);
  const luaL_Reg functions[] = {{"card_keys", hsm_card_keys},
                                {"encipher", hsm_encipher},
                                {"mac", hsm_mac},
                                {nullptr, nullptr}};
  luaL_setfuncs(state, functions, 0);
}

}  // namespace kpd::script
