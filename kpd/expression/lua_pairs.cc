// pairs() in an order that does not depend on addresses or on the seed of Lua's hashes.
#include <algorithm>
#include <string_view>
#include <vector>

#include "kpd/expression/lua_library.h"

namespace kpd::expression {
namespace {

/// A key by its place in the order: flags, numbers, texts.
struct Key {
  int type = LUA_TNIL;
  long double number = 0;  ///< holds every integer of 64 bits and every double
  bool integer = false;
  std::string_view text{};

  bool operator<(const Key& other) const {
    if (type != other.type) return type < other.type;
    return type == LUA_TSTRING ? text < other.text : number < other.number;
  }
};

/// The key on the stack's top; its text lives as long as its table.
Key key_at_top(lua_State* state) {
  Key key;
  key.type = lua_type(state, -1);
  if (key.type == LUA_TSTRING) {
    std::size_t size = 0;
    const char* text = lua_tolstring(state, -1, &size);
    key.text = {text, size};
  } else if (key.type == LUA_TBOOLEAN) {
    key.number = lua_toboolean(state, -1);
  } else if (key.type == LUA_TNUMBER) {
    key.integer = lua_isinteger(state, -1) != 0;
    key.number = key.integer ? static_cast<long double>(lua_tointeger(state, -1))
                             : static_cast<long double>(lua_tonumber(state, -1));
  } else {
    stop(state, "pairs knows no order of such keys");
  }
  return key;
}

void push(lua_State* state, const Key& key) {
  if (key.type == LUA_TSTRING)
    lua_pushlstring(state, key.text.data(), key.text.size());
  else if (key.type == LUA_TBOOLEAN)
    lua_pushboolean(state, key.number != 0 ? 1 : 0);
  else if (key.integer)
    lua_pushinteger(state, static_cast<lua_Integer>(key.number));
  else
    lua_pushnumber(state, static_cast<lua_Number>(key.number));
}

/// Upvalues: the table, its keys in order, how many have been given.
int next_pair(lua_State* state) {
  lua_Integer index = lua_tointeger(state, lua_upvalueindex(3));
  while (true) {
    lua_settop(state, 0);
    const bool more = lua_rawgeti(state, lua_upvalueindex(2), ++index) != LUA_TNIL;
    lua_pushinteger(state, index);
    lua_replace(state, lua_upvalueindex(3));
    if (!more) return 1;
    lua_pushvalue(state, 1);
    if (lua_rawget(state, lua_upvalueindex(1)) != LUA_TNIL) return 2;
    charge(state, 1);  // gone in the meantime
  }
}

}  // namespace

int sorted_pairs(lua_State* state) {
  luaL_checktype(state, 1, LUA_TTABLE);
  std::vector<Key> keys;
  lua_pushnil(state);
  while (lua_next(state, 1) != 0) {
    lua_pop(state, 1);
    keys.push_back(key_at_top(state));
    charge(state, 4);
  }
  std::sort(keys.begin(), keys.end());
  lua_pushvalue(state, 1);
  lua_createtable(state, static_cast<int>(keys.size()), 0);
  lua_Integer index = 0;
  for (const Key& key : keys) {
    push(state, key);
    lua_rawseti(state, -2, ++index);
  }
  lua_pushinteger(state, 0);
  lua_pushcclosure(state, next_pair, 3);
  return 1;
}

}  // namespace kpd::expression
