#include "kpd/script/script_run.h"

#include <algorithm>
#include <array>

namespace kpd::script {
namespace {

constexpr std::size_t kBytesPerStep = 32;  ///< what looking at bytes costs
constexpr const char* kSecret = "secret";  ///< metatable's name

int secret_text(lua_State* state) {
  lua_pushliteral(state, "a secret");
  return 1;
}

/// What is left of a request: data and status word.
int answer_of(lua_State* state, int, lua_KContext) {
  const CardRun& run = card_run(state);
  push_bytes(state, run.answer.data);
  lua_pushinteger(state, run.answer.status);
  return 2;
}

}  // namespace

const ScriptCard& card_of(lua_State* state) {
  const CardRun& run = card_run(state);
  if (run.card == nullptr) luaL_error(state, "there is no card before personalise() is called");
  return *run.card;
}

int ask(lua_State* state, ScriptRequest request) {
  card_of(state);
  card_run(state).request = std::move(request);
  return lua_yieldk(state, 0, 0, answer_of);
}

void push_bytes(lua_State* state, ByteView bytes) {
  lua_pushlstring(state, reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

Bytes bytes_argument(lua_State* state, int index) {
  if (lua_type(state, index) != LUA_TSTRING) luaL_argerror(state, index, "bytes are wanted");
  std::size_t size = 0;
  const char* text = lua_tolstring(state, index, &size);
  expression::charge(state, 1 + size / kBytesPerStep);
  const ByteView view = emvcrypto::as_bytes({text, size});
  return Bytes(view.begin(), view.end());
}

bool push_field(lua_State* state, int index, const char* name) {
  luaL_checktype(state, index, LUA_TTABLE);
  lua_pushstring(state, name);
  lua_rawget(state, index);
  if (!lua_isnil(state, -1)) return true;
  lua_pop(state, 1);
  return false;
}

std::uint64_t number_field(lua_State* state, int index, const char* name, std::uint64_t most,
                           std::uint64_t otherwise) {
  if (!push_field(state, index, name)) return otherwise;
  int whole = 0;
  const lua_Integer value = lua_tointegerx(state, -1, &whole);
  if (whole == 0 || lua_type(state, -1) != LUA_TNUMBER || value < 0 ||
      static_cast<std::uint64_t>(value) > most)
    luaL_error(state, "%s is a whole number from 0 to %d", name, static_cast<int>(most));
  lua_pop(state, 1);
  return static_cast<std::uint64_t>(value);
}

std::vector<std::uint16_t> words_field(lua_State* state, int index, const char* name,
                                       std::vector<std::uint16_t> otherwise) {
  if (!push_field(state, index, name)) return otherwise;
  std::vector<std::uint16_t> words;
  if (lua_istable(state, -1) == 0) luaL_error(state, "%s is a list of numbers", name);
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, -1));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, -1, i);
    int whole = 0;
    const lua_Integer value = lua_tointegerx(state, -1, &whole);
    if (whole == 0 || value < 0 || value > 0xFFFF)
      luaL_error(state, "%s is a list of numbers from 0 to 0xFFFF", name);
    words.push_back(static_cast<std::uint16_t>(value));
    lua_pop(state, 1);
  }
  lua_pop(state, 1);
  return words;
}

void only_fields(lua_State* state, int index, std::initializer_list<const char*> names) {
  luaL_checktype(state, index, LUA_TTABLE);
  lua_pushnil(state);
  while (lua_next(state, index) != 0) {
    const std::string_view name = lua_type(state, -2) == LUA_TSTRING ? lua_tostring(state, -2) : "";
    if (std::ranges::find(names, name, [](const char* n) { return std::string_view(n); }) ==
        names.end())
      luaL_error(state, "'%s' is not a field of this table", name.empty() ? "?" : name.data());
    lua_pop(state, 1);
  }
}

void push_secret(lua_State* state, const ScriptSecret& secret) {
  void* place = lua_newuserdatauv(state, sizeof(ScriptSecret), 0);
  new (place) ScriptSecret(secret);
  if (luaL_newmetatable(state, kSecret) != 0) {
    lua_pushcfunction(state, secret_text);
    lua_setfield(state, -2, "__tostring");
    lua_pushliteral(state, "no");
    lua_setfield(state, -2, "__metatable");
  }
  lua_setmetatable(state, -2);
}

const ScriptSecret* secret_at(lua_State* state, int index) {
  return static_cast<const ScriptSecret*>(luaL_testudata(state, index, kSecret));
}

}  // namespace kpd::script
