// The table `card`: commands to the card as it is before us.
#include "kpd/script/script_commands.h"

namespace kpd::script {
namespace {

int card_atr(lua_State* state) {
  card_of(state);
  push_bytes(state, card_run(state).atr);
  return 1;
}

int card_select(lua_State* state) {
  SelectRequest request;
  request.aid = bytes_argument(state, 1);
  if (request.aid.empty() || request.aid.size() > 16)
    return luaL_error(state, "an AID has 1 to 16 bytes");
  if (lua_istable(state, 2) != 0) {
    only_fields(state, 2, {"ok"});
    request.ok = words_field(state, 2, "ok", request.ok);
  }
  card_run(state).channel_open = false;
  return ask(state, std::move(request));
}

/// What is left of a reset: the new ATR.
int atr_of(lua_State* state, int, lua_KContext) {
  CardRun& run = card_run(state);
  run.atr = run.answer.data;
  push_bytes(state, run.atr);
  return 1;
}

/// card.reset("cold" | "warm")
int card_reset(lua_State* state) {
  card_of(state);
  const Bytes how = bytes_argument(state, 1);
  const std::string_view name = emvcrypto::as_text(how);
  if (name != "cold" && name != "warm") return luaL_error(state, "a reset is 'cold' or 'warm'");
  CardRun& run = card_run(state);
  run.channel_open = false;
  run.request = ResetRequest{name == "cold" ? cps::Reset::cold : cps::Reset::warm};
  return lua_yieldk(state, 0, 0, atr_of);
}

int card_send(lua_State* state) {
  return ask(state, read_command(state, false));
}

int card_transmit(lua_State* state) {
  Bytes command = bytes_argument(state, 1);
  if (command.size() < 4) return luaL_error(state, "a command has 4 bytes at least");
  return ask(state, TransmitRequest{std::move(command)});
}

/// The parts of a command's data: bytes, a secret, or a list of both.
std::vector<ScriptData> read_parts(lua_State* state, int index) {
  std::vector<ScriptData> parts;
  const auto take = [&](int at) {
    if (const ScriptSecret* secret = secret_at(state, at))
      parts.emplace_back(*secret);
    else if (lua_type(state, at) == LUA_TSTRING)
      parts.emplace_back(bytes_argument(state, at));
    else
      luaL_error(state, "a command's data are bytes, secrets, or a list of them");
  };
  if (lua_istable(state, index) == 0) {
    take(index);
    return parts;
  }
  const auto count = static_cast<lua_Integer>(lua_rawlen(state, index));
  for (lua_Integer i = 1; i <= count; ++i) {
    lua_rawgeti(state, index, i);
    take(lua_gettop(state));
    lua_pop(state, 1);
  }
  return parts;
}

}  // namespace

SendRequest read_command(lua_State* state, bool secured) {
  only_fields(state, 1, {"cla", "ins", "p1", "p2", "data", "le", "ok", "name"});
  SendRequest request;
  request.secured = secured;
  const auto byte = [&](const char* name) {
    return static_cast<std::uint8_t>(number_field(state, 1, name, 0xFF, 0));
  };
  request.command = {byte("cla"), byte("ins"), byte("p1"), byte("p2"), {}, std::nullopt};
  if (push_field(state, 1, "le")) {
    lua_pop(state, 1);
    request.command.expected = static_cast<std::uint16_t>(number_field(state, 1, "le", 256, 256));
  }
  if (push_field(state, 1, "data")) {
    request.parts = read_parts(state, lua_gettop(state));
    lua_pop(state, 1);
  }
  if (push_field(state, 1, "name")) {
    request.name = emvcrypto::as_text(bytes_argument(state, lua_gettop(state)));
    lua_pop(state, 1);
  }
  if (push_field(state, 1, "ok")) {
    request.any =
        lua_type(state, -1) == LUA_TSTRING && std::string_view(lua_tostring(state, -1)) == "any";
    lua_pop(state, 1);
    if (!request.any) request.ok = words_field(state, 1, "ok", request.ok);
  }
  return request;
}

void push_card(lua_State* state) {
  lua_newtable(state);
  const luaL_Reg functions[] = {{"atr", card_atr},           {"select", card_select},
                                {"reset", card_reset},       {"send", card_send},
                                {"transmit", card_transmit}, {nullptr, nullptr}};
  luaL_setfuncs(state, functions, 0);
}

}  // namespace kpd::script
