/// What the functions of scripts share. Internal to kpd/script.
#pragma once

#include <lua.hpp>
#include <optional>

#include "kpd/expression/lua_library.h"
#include "kpd/script/script_card.h"

namespace kpd::script {

/// A card's run, reached from every function through the state.
struct CardRun : expression::LuaRun {
  const ScriptCard* card = nullptr;
  std::optional<ScriptRequest> request;
  ScriptAnswer answer;
  Bytes atr;  ///< of the last reset
  bool channel_open = false;
  bool failed_by_script = false;
  bool bad_record = false;
};

inline CardRun& card_run(lua_State* state) {
  return static_cast<CardRun&>(expression::run_of(state));
}

/// The run's card. Ends a script that asks for it while it is being loaded.
const ScriptCard& card_of(lua_State* state);

/// Leaves the script with a request; its answer's data and status word are the function's results.
int ask(lua_State* state, ScriptRequest request);

void push_bytes(lua_State* state, ByteView bytes);

/// A text argument as bytes. Ends the script when it is none.
Bytes bytes_argument(lua_State* state, int index);

/// A field of the table at `index`; false when it is not there. Left on the stack when it is.
bool push_field(lua_State* state, int index, const char* name);

/// A field that is a whole number from 0 to `most`.
std::uint64_t number_field(lua_State* state, int index, const char* name, std::uint64_t most,
                           std::uint64_t otherwise);

/// A field that is a list of status words or DGIs.
std::vector<std::uint16_t> words_field(lua_State* state, int index, const char* name,
                                       std::vector<std::uint16_t> otherwise);

/// Ends the script when a table has a field that is not one of these.
void only_fields(lua_State* state, int index, std::initializer_list<const char*> names);

/// A secret as a value of the script.
void push_secret(lua_State* state, const ScriptSecret& secret);
const ScriptSecret* secret_at(lua_State* state, int index);

/// Keys of a role as a value of the script: what hsm.card_keys() gave, or a role's name.
void push_keys(lua_State* state, const ScriptKeys& keys);
ScriptKeys keys_field(lua_State* state, int index, const char* name);

// The tables of scripts; each is left on the stack.
void push_card(lua_State* state);     ///< script_commands.cc
void push_channel(lua_State* state);  ///< script_channel.cc
void push_data(lua_State* state);     ///< script_data.cc
void push_hsm(lua_State* state);      ///< script_hsm.cc

/// Functions without a table, into the table at `globals`: hex, tohex, number, tlv, find, dgi, log,
/// progress, fail.
void add_functions(lua_State* state, int globals);  ///< script_functions.cc

}  // namespace kpd::script
