#include "kpd/expression/lua_library.h"

#include <array>

#include "kpd/expression/functions.h"

namespace kpd::expression {
namespace {

/// A function of a library; without one of ours Lua's own, bounded.
struct Entry {
  const char* name;
  lua_CFunction ours = nullptr;
};
constexpr std::array kBase{Entry{"assert"},
                           Entry{"error"},
                           Entry{"ipairs"},
                           Entry{"select"},
                           Entry{"tonumber"},
                           Entry{"type"},
                           Entry{"pairs", sorted_pairs},
                           Entry{"tostring", safe_tostring}};
constexpr std::array kString{Entry{"byte"},
                             Entry{"char"},
                             Entry{"len"},
                             Entry{"lower"},
                             Entry{"reverse"},
                             Entry{"sub"},
                             Entry{"upper"},
                             Entry{"find", plain_find},
                             Entry{"format", safe_format},
                             Entry{"rep", bounded_repeat}};
constexpr std::array kTable{Entry{"concat"}, Entry{"insert"}, Entry{"remove"},
                            Entry{"unpack", bounded_unpack}};
constexpr std::array kMath{Entry{"abs"}, Entry{"floor"},     Entry{"max"},
                           Entry{"min"}, Entry{"tointeger"}, Entry{"type"}};
constexpr std::array kUtf8{Entry{"char"}, Entry{"codepoint"}, Entry{"codes"}, Entry{"len"}};

/// What makes numbers of texts where arithmetic wants them: the longer a text, the dearer.
constexpr std::array kTextArithmetic{"__add", "__sub", "__mul",  "__mod",
                                     "__pow", "__div", "__idiv", "__unm"};

/// Puts functions of Lua's library on the stack's top into the table below it; drops the library.
template <typename Entries>
void copy(lua_State* state, const Entries& entries) {
  for (const Entry& entry : entries) {
    lua_getfield(state, -1, entry.name);
    lua_pushcclosure(state, entry.ours != nullptr ? entry.ours : bounded, 1);
    lua_setfield(state, -3, entry.name);
  }
  lua_pop(state, 1);
}

/// Upvalue: the table that has the names.
int strict_index(lua_State* state) {
  lua_pushvalue(state, 2);
  lua_rawget(state, lua_upvalueindex(1));
  if (!lua_isnil(state, -1)) return 1;
  if (run_of(state).loading && lua_type(state, 2) == LUA_TSTRING)
    return luaL_error(state, "nothing is called '%s'", lua_tostring(state, 2));
  return stop(state, "it uses a name that nothing has");
}

int refuse_write(lua_State* state) {
  return stop(state, "it writes into a library");
}

/// Upvalue: the table of globals.
int write_global(lua_State* state) {
  if (!run_of(state).loading) return stop(state, "it writes a global");
  lua_settop(state, 3);
  lua_rawset(state, lua_upvalueindex(1));
  return 0;
}

/// Replaces the table on the top by an empty one that shows its names: unknown ones are errors,
/// what is written goes to `write`.
void make_strict(lua_State* state, lua_CFunction write) {
  lua_newtable(state);
  lua_createtable(state, 0, 2);
  lua_pushvalue(state, -3);
  lua_pushcclosure(state, strict_index, 1);
  lua_setfield(state, -2, "__index");
  lua_pushvalue(state, -3);
  lua_pushcclosure(state, write, 1);
  lua_setfield(state, -2, "__newindex");
  lua_setmetatable(state, -2);
  lua_remove(state, -2);
}

/// Opens a library of Lua, puts what scripts may use of it into the globals, which lie on the top.
template <typename Entries>
void add_library(lua_State* state, const char* name, lua_CFunction open, const Entries& entries) {
  lua_newtable(state);
  luaL_requiref(state, name, open, 0);
  copy(state, entries);
  if (open == luaopen_string) {  // its functions are also methods of every string
    lua_pushliteral(state, "");
    lua_getmetatable(state, -1);
    lua_pushvalue(state, -3);
    lua_setfield(state, -2, "__index");
    for (const char* operation : kTextArithmetic) {
      lua_getfield(state, -1, operation);
      lua_pushcclosure(state, bounded, 1);
      lua_setfield(state, -2, operation);
    }
    lua_pop(state, 2);
  }
  if (open == luaopen_math) {
    lua_pushinteger(state, LUA_MAXINTEGER);
    lua_setfield(state, -2, "maxinteger");
    lua_pushinteger(state, LUA_MININTEGER);
    lua_setfield(state, -2, "mininteger");
  }
  make_strict(state, refuse_write);
  lua_setfield(state, -2, name);
}

/// The functions of expressions, as the table `text`.
void add_text(lua_State* state) {
  lua_newtable(state);
  for (const FunctionInfo& info : functions()) {
    lua_pushlstring(state, info.name.data(), info.name.size());
    lua_pushinteger(state, &info - functions().data());
    lua_pushcclosure(state, call_text, 1);
    lua_rawset(state, -3);
  }
  make_strict(state, refuse_write);
  lua_setfield(state, -2, "text");
}

}  // namespace

void set_run(lua_State* state, LuaRun& run) {
  *static_cast<LuaRun**>(lua_getextraspace(state)) = &run;
}

LuaRun& run_of(lua_State* state) {
  return **static_cast<LuaRun**>(lua_getextraspace(state));
}

int stop(lua_State* state, std::string reason) {
  run_of(state).reason = std::move(reason);
  lua_pushnil(state);
  return lua_error(state);
}

void charge(lua_State* state, std::size_t steps) {
  LuaRun& run = run_of(state);
  run.steps -= static_cast<std::int64_t>(steps);
  if (run.steps < 0) stop(state, "it takes too many steps");
}

int note_line(lua_State* state) {
  lua_Debug info{};
  for (int level = 0; lua_getstack(state, level, &info) != 0; ++level) {
    lua_getinfo(state, "l", &info);
    if (info.currentline <= 0) continue;
    run_of(state).line = info.currentline;
    break;
  }
  return 1;
}

int open_library(lua_State* state) {
  lua_newtable(state);
  luaL_requiref(state, "_G", luaopen_base, 0);
  copy(state, kBase);
  add_library(state, "string", luaopen_string, kString);
  add_library(state, "table", luaopen_table, kTable);
  add_library(state, "math", luaopen_math, kMath);
  add_library(state, "utf8", luaopen_utf8, kUtf8);
  add_text(state);
  // Globals of scripts begin in a table of their own behind the libraries.
  lua_pushvalue(state, -1);
  make_strict(state, write_global);
  lua_insert(state, -2);
  return 2;
}

}  // namespace kpd::expression
