// The table `channel`: the secure channel, whatever protocol the card speaks.
#include "cps/session_keys.h"
#include "kpd/script/script_commands.h"

namespace kpd::script {
namespace {

int channel_open(lua_State* state) {
  OpenRequest request{cps::kCardRole, 0, 0x01};
  if (lua_istable(state, 1) != 0) {
    only_fields(state, 1, {"keys", "version", "security"});
    if (push_field(state, 1, "keys")) {
      request.role = emvcrypto::as_text(bytes_argument(state, lua_gettop(state)));
      lua_pop(state, 1);
    }
    request.key_version = static_cast<std::uint8_t>(number_field(state, 1, "version", 0xFF, 0));
    request.level = static_cast<std::uint8_t>(number_field(state, 1, "security", 0xFF, 0x01));
  }
  card_run(state).channel_open = true;
  return ask(state, std::move(request));
}

void need_channel(lua_State* state) {
  card_of(state);
  if (!card_run(state).channel_open)
    luaL_error(state, "no channel is open: channel.open comes first, and card.select ends it");
}

int channel_send(lua_State* state) {
  need_channel(state);
  return ask(state, read_command(state, true));
}

/// channel.store(application [, {one_dgi = true, first = {...}, last = {...}}])
int channel_store(lua_State* state) {
  need_channel(state);
  StoreRequest request;
  const auto count = card_of(state).record.applications.size();
  const std::uint64_t index = number_field(state, 1, "index", count, 0);
  if (index == 0) return luaL_error(state, "channel.store wants one of data.applications()");
  request.application = index - 1;
  if (lua_istable(state, 2) != 0) {
    only_fields(state, 2, {"one_dgi", "first", "last"});
    if (push_field(state, 2, "one_dgi")) {
      request.one_dgi = lua_toboolean(state, -1) != 0;
      lua_pop(state, 1);
    }
    request.first = words_field(state, 2, "first", {});
    request.last = words_field(state, 2, "last", {});
  }
  return ask(state, std::move(request));
}

/// channel.put_key{keys =, new_version = [, version = 0, id = 1]}
int channel_put_key(lua_State* state) {
  need_channel(state);
  only_fields(state, 1, {"keys", "version", "new_version", "id"});
  PutKeyRequest request;
  request.keys = keys_field(state, 1, "keys");
  request.version = static_cast<std::uint8_t>(number_field(state, 1, "version", 0x7F, 0));
  request.new_version = static_cast<std::uint8_t>(number_field(state, 1, "new_version", 0x7F, 0));
  request.id = static_cast<std::uint8_t>(number_field(state, 1, "id", 0x7F, 1));
  if (request.new_version == 0)
    return luaL_error(state, "new_version is a whole number from 1 to 127");
  return ask(state, std::move(request));
}

}  // namespace

void push_channel(lua_State* state) {
  lua_newtable(state);
  const luaL_Reg functions[] = {{"open", channel_open},
                                {"send", channel_send},
                                {"store", channel_store},
                                {"put_key", channel_put_key},
                                {nullptr, nullptr}};
  luaL_setfuncs(state, functions, 0);
}

}  // namespace kpd::script
