/// What a job's script can reach, and how it is stopped. Internal to kpd/expression.
#pragma once

#include <cstdint>
#include <lua.hpp>
#include <string>

namespace kpd::expression {

/// One run of a script or of one of its functions.
struct LuaRun {
  std::int64_t steps = 0;  ///< that are left: instructions of Lua, and what library functions cost
  bool loading = true;     ///< the script itself runs; globals may be written
  std::string reason;      ///< why we stopped it; empty when it failed by itself
  int line = 0;            ///< of the script, where it ended; 0: unknown
};

/// Binds a run to a state; it must live as long as the state.
void set_run(lua_State* state, LuaRun& run);
LuaRun& run_of(lua_State* state);

/// Ends the run for this reason. Never returns.
int stop(lua_State* state, std::string reason);

/// Takes steps from the run; ends it when none are left.
void charge(lua_State* state, std::size_t steps);

/// A message handler for lua_pcall(): notes the line.
int note_line(lua_State* state);

/// lua_CFunction: makes the environment of scripts. Results: the table that they see, and the table
/// behind it that holds their globals.
int open_library(lua_State* state);

// lua_strings.cc: functions of Lua with bounds of our own, and ours in the table `text`.
int bounded(lua_State* state);         ///< upvalue: the function; costs what its arguments are long
int bounded_repeat(lua_State* state);  ///< string.rep
int plain_find(lua_State* state);      ///< string.find without patterns
int safe_format(lua_State* state);     ///< string.format without addresses
int safe_tostring(lua_State* state);   ///< of numbers, flags, nil and texts
int bounded_unpack(lua_State* state);  ///< table.unpack
int sorted_pairs(lua_State* state);    ///< lua_pairs.cc: in an order that is always the same
int call_text(lua_State* state);       ///< upvalue: its FunctionInfo

}  // namespace kpd::expression
