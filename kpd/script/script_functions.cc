// Functions that stand in no table.
#include <algorithm>

#include "cps/dgi.h"
#include "emvcrypto/tlv.h"
#include "kpd/script/script_run.h"

namespace kpd::script {
namespace {

/// Bytes of a hexadecimal text, in which blanks may stand.
int hex(lua_State* state) {
  std::string digits(emvcrypto::as_text(bytes_argument(state, 1)));
  std::erase(digits, ' ');
  const auto bytes = emvcrypto::parse_hex(digits);
  if (!bytes) return luaL_error(state, "hex wants pairs of hexadecimal digits");
  push_bytes(state, *bytes);
  return 1;
}

int tohex(lua_State* state) {
  const Bytes bytes = bytes_argument(state, 1);
  push_bytes(state, emvcrypto::as_bytes(emvcrypto::to_hex(bytes)));
  return 1;
}

/// number(value, width): most significant byte first.
int number(lua_State* state) {
  const lua_Integer value = luaL_checkinteger(state, 1), width = luaL_checkinteger(state, 2);
  if (width < 1 || width > 8 || value < 0 || (width < 8 && value >> (8 * width) != 0))
    return luaL_error(state, "number wants a value that its width can hold");
  Bytes bytes;
  emvcrypto::append_number(bytes, static_cast<std::uint64_t>(value),
                           static_cast<std::size_t>(width));
  push_bytes(state, bytes);
  return 1;
}

/// tlv(tag, value): a data object of BER-TLV.
int tlv(lua_State* state) {
  const lua_Integer tag = luaL_checkinteger(state, 1);
  if (tag <= 0 || tag > 0xFFFFFF) return luaL_error(state, "tlv wants a tag of 1 to 3 bytes");
  push_bytes(state,
             emvcrypto::make_tlv(static_cast<emvcrypto::Tag>(tag), bytes_argument(state, 2)));
  return 1;
}

/// find(tag, data): the value of the data object, looked for in templates too; or nil.
int find(lua_State* state) {
  const lua_Integer tag = luaL_checkinteger(state, 1);
  const Bytes data = bytes_argument(state, 2);
  const auto value = emvcrypto::find_tlv(data, static_cast<emvcrypto::Tag>(tag));
  if (value)
    push_bytes(state, *value);
  else
    lua_pushnil(state);
  return 1;
}

/// dgi(id, value): a data grouping with its identifier and length (EMV CPS 1.1, 2.2).
int dgi(lua_State* state) {
  const lua_Integer id = luaL_checkinteger(state, 1);
  if (id < 0 || id > 0xFFFF) return luaL_error(state, "a DGI's identifier has 2 bytes");
  Bytes bytes;
  cps::append_dgi(bytes, {static_cast<cps::DgiId>(id), bytes_argument(state, 2)});
  push_bytes(state, bytes);
  return 1;
}

int log(lua_State* state) {
  const Bytes text = bytes_argument(state, 1);
  const ScriptCard& card = card_of(state);
  if (card.log) card.log(std::string(emvcrypto::as_text(text)));
  return 0;
}

/// progress(done, total): for the operator's display.
int progress(lua_State* state) {
  const lua_Integer done = luaL_checkinteger(state, 1), total = luaL_checkinteger(state, 2);
  if (done < 0 || total < done) return luaL_error(state, "progress wants 0 <= done <= total");
  const ScriptCard& card = card_of(state);
  if (card.progress)
    card.progress(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
  return 0;
}

/// Ends the card: it is not good.
int fail(lua_State* state) {
  const Bytes text = bytes_argument(state, 1);
  card_run(state).failed_by_script = true;
  return expression::stop(state, std::string(emvcrypto::as_text(text)));
}

}  // namespace

void add_functions(lua_State* state, int globals) {
  const luaL_Reg functions[] = {
      {"hex", hex}, {"tohex", tohex}, {"number", number},     {"tlv", tlv},   {"find", find},
      {"dgi", dgi}, {"log", log},     {"progress", progress}, {"fail", fail}, {nullptr, nullptr}};
  lua_pushvalue(state, globals);
  luaL_setfuncs(state, functions, 0);
  lua_pop(state, 1);
}

}  // namespace kpd::script
