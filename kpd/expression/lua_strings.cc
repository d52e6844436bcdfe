// Functions of Lua's libraries, made to cost what they take.
#include <algorithm>
#include <vector>

#include "kpd/expression/expression.h"
#include "kpd/expression/function_bodies.h"
#include "kpd/expression/integer.h"
#include "kpd/expression/lua_library.h"

namespace kpd::expression {
namespace {

constexpr std::size_t kMaxSought = 256;    ///< bytes that string.find looks for
constexpr std::size_t kMaxUnpacked = 250;  ///< values
constexpr std::size_t kBytesPerStep = 32;

std::string_view text_argument(lua_State* state, int index) {
  std::size_t size = 0;
  const char* text = luaL_checklstring(state, index, &size);
  return {text, size};
}

/// What the arguments cost: one step each, and one for so many bytes or entries.
void charge_arguments(lua_State* state) {
  std::size_t cost = 0;
  for (int i = 1; i <= lua_gettop(state); ++i) {
    ++cost;
    const int type = lua_type(state, i);
    if (type == LUA_TSTRING || type == LUA_TTABLE) cost += lua_rawlen(state, i) / kBytesPerStep;
  }
  charge(state, cost);
}

int call_original(lua_State* state) {
  return lua_tocfunction(state, lua_upvalueindex(1))(state);
}

}  // namespace

int bounded(lua_State* state) {
  charge_arguments(state);
  return call_original(state);
}

int bounded_repeat(lua_State* state) {
  charge_arguments(state);
  const lua_Integer count = luaL_checkinteger(state, 2);
  if (count > static_cast<lua_Integer>(Expression::kMaxResult))
    return stop(state, "it repeats a text too often");
  charge(state, count > 0 ? static_cast<std::size_t>(count) / kBytesPerStep : 0);
  return call_original(state);
}

int plain_find(lua_State* state) {
  charge_arguments(state);
  const std::string_view text = text_argument(state, 1), sought = text_argument(state, 2);
  if (lua_toboolean(state, 4) == 0)
    return stop(state, "string.find wants true as its fourth argument: there are no patterns");
  if (sought.size() > kMaxSought) return stop(state, "it looks for a text over 256 bytes");
  const auto size = static_cast<lua_Integer>(text.size());
  lua_Integer from = luaL_optinteger(state, 3, 1);
  if (from < 0) from = std::max<lua_Integer>(size + from + 1, 1);
  from = std::max<lua_Integer>(from, 1);
  const std::size_t found = from > size + 1 ? std::string_view::npos
                                            : text.find(sought, static_cast<std::size_t>(from) - 1);
  if (found == std::string_view::npos) {
    lua_pushnil(state);
    return 1;
  }
  lua_pushinteger(state, static_cast<lua_Integer>(found) + 1);
  lua_pushinteger(state, static_cast<lua_Integer>(found) + static_cast<lua_Integer>(sought.size()));
  return 2;
}

int safe_format(lua_State* state) {
  charge_arguments(state);
  const std::string_view format = text_argument(state, 1);
  for (int i = 2; i <= lua_gettop(state); ++i)
    if (lua_type(state, i) != LUA_TSTRING && lua_type(state, i) != LUA_TNUMBER)
      return stop(state, "string.format takes texts and numbers");
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%') continue;
    at = std::min(format.find_first_not_of("-+ #0123456789.", at + 1), format.size());
    if (at < format.size() && format[at] == 'p')
      return stop(state, "string.format shows no addresses");
  }
  return call_original(state);
}

int safe_tostring(lua_State* state) {
  charge_arguments(state);
  luaL_checkany(state, 1);
  const int type = lua_type(state, 1);
  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN && type != LUA_TNIL)
    return stop(state, "tostring takes texts, numbers, true, false and nil");
  return call_original(state);
}

int bounded_unpack(lua_State* state) {
  charge_arguments(state);
  const lua_Integer from = luaL_optinteger(state, 2, 1);
  const lua_Integer to =
      lua_isnoneornil(state, 3) ? luaL_len(state, 1) : luaL_checkinteger(state, 3);
  if (from < to && static_cast<lua_Unsigned>(to) - static_cast<lua_Unsigned>(from) >= kMaxUnpacked)
    return stop(state, "table.unpack gives at most 250 values");
  return call_original(state);
}

int call_text(lua_State* state) {
  charge_arguments(state);
  const FunctionInfo& info =
      functions()[static_cast<std::size_t>(lua_tointeger(state, lua_upvalueindex(1)))];
  const auto count = static_cast<std::size_t>(lua_gettop(state));
  if (count < info.least || count > info.most)
    return stop(state, "it calls text." + std::string(info.signature) +
                           " with another number of arguments");
  std::vector<std::string> arguments;
  std::size_t size = 0;
  for (int i = 1; i <= static_cast<int>(count); ++i) {
    if (lua_type(state, i) != LUA_TSTRING && lua_isinteger(state, i) == 0)
      return stop(state, "text." + std::string(info.name) + " takes texts and integers");
    arguments.emplace_back(text_argument(state, i));
    size += arguments.back().size();
  }
  charge(state, size);
  const Result value = info.body(arguments);
  if (!value) return stop(state, "text." + std::string(info.name) + ": " + value.error().reason);
  if (info.type == ValueType::flag)
    lua_pushboolean(state, value->empty() ? 0 : 1);
  else if (info.type == ValueType::number)
    lua_pushinteger(state, *parse_integer(*value));
  else
    lua_pushlstring(state, value->data(), value->size());
  return 1;
}

}  // namespace kpd::expression
