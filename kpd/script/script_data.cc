// The table `data`: the record, its applications and their DGIs, the fields of the machine's other
// modules, the task's parameters.
#include "cps/store_data.h"
#include "kpd/script/record_script.h"
#include "kpd/script/script_run.h"

namespace kpd::script {
namespace {

void set_number(lua_State* state, const char* name, lua_Integer value) {
  lua_pushinteger(state, value);
  lua_setfield(state, -2, name);
}

void set_bytes(lua_State* state, const char* name, ByteView value) {
  push_bytes(state, value);
  lua_setfield(state, -2, name);
}

/// {id, size, secret, value}: the value of a secret one is a secret.
void push_dgi(lua_State* state, const ScriptCard& card, std::size_t application, std::size_t at) {
  const cps::Application& owner = card.record.applications[application];
  const cps::Dgi& dgi = owner.dgis[at];
  const bool secret = cps::transport_key_of(owner, dgi.id) != nullptr;
  lua_createtable(state, 0, 4);
  set_number(state, "id", dgi.id);
  set_number(state, "size", static_cast<lua_Integer>(dgi.value.size()));
  lua_pushboolean(state, secret ? 1 : 0);
  lua_setfield(state, -2, "secret");
  if (secret)
    push_secret(state, {application, at});
  else
    push_bytes(state, dgi.value);
  lua_setfield(state, -2, "value");
}

/// {index, aid, security, dgis}
void push_application(lua_State* state, const ScriptCard& card, std::size_t at) {
  const cps::Application& application = card.record.applications[at];
  lua_createtable(state, 0, 4);
  set_number(state, "index", static_cast<lua_Integer>(at) + 1);
  set_bytes(state, "aid", application.aid);
  const auto step = cps::personalising_step(application);
  set_number(state, "security", step ? (*step)->instructions.security_level : 0);
  lua_createtable(state, static_cast<int>(application.dgis.size()), 0);
  for (std::size_t i = 0; i < application.dgis.size(); ++i) {
    expression::charge(state, 10);
    push_dgi(state, card, at, i);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_setfield(state, -2, "dgis");
}

/// {line, command, ok}
void push_record_command(lua_State* state, const RecordCommand& command) {
  lua_createtable(state, 0, 3);
  set_number(state, "line", static_cast<lua_Integer>(command.line));
  set_bytes(state, "command", command.bytes);
  lua_createtable(state, static_cast<int>(command.ok.size()), 0);
  for (std::size_t i = 0; i < command.ok.size(); ++i) {
    lua_pushinteger(state, command.ok[i]);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_setfield(state, -2, "ok");
}

int data_applications(lua_State* state) {
  const ScriptCard& card = card_of(state);
  lua_createtable(state, static_cast<int>(card.record.applications.size()), 0);
  for (std::size_t i = 0; i < card.record.applications.size(); ++i) {
    push_application(state, card, i);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  return 1;
}

/// The application with this AID, or nil.
int data_application(lua_State* state) {
  const ScriptCard& card = card_of(state);
  const Bytes aid = bytes_argument(state, 1);
  for (std::size_t i = 0; i < card.record.applications.size(); ++i)
    if (card.record.applications[i].aid == aid) {
      push_application(state, card, i);
      return 1;
    }
  lua_pushnil(state);
  return 1;
}

/// A field of the card file's record by its module identifier, or nil.
int data_field(lua_State* state) {
  const Bytes mic = bytes_argument(state, 1);
  const Bytes* content = cps::find_module(card_of(state).modules, emvcrypto::as_text(mic));
  if (content == nullptr)
    lua_pushnil(state);
  else
    push_bytes(state, *content);
  return 1;
}

/// The commands that a field of the record holds as text, or nil.
int data_script(lua_State* state) {
  const Bytes mic = bytes_argument(state, 1);
  const std::string name(emvcrypto::as_text(mic));
  const Bytes* content = cps::find_module(card_of(state).modules, name);
  if (content == nullptr) {
    lua_pushnil(state);
    return 1;
  }
  expression::charge(state, 1 + content->size());
  const auto commands = parse_record_script(emvcrypto::as_text(*content));
  if (!commands) {
    card_run(state).bad_record = true;
    return expression::stop(state, "field " + name + " of the record, " + commands.error().reason);
  }
  lua_createtable(state, static_cast<int>(commands->size()), 0);
  for (std::size_t i = 0; i < commands->size(); ++i) {
    expression::charge(state, 10);
    push_record_command(state, (*commands)[i]);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  return 1;
}

int data_record(lua_State* state) {
  push_bytes(state, emvcrypto::as_bytes(card_of(state).record_id));
  return 1;
}

int data_product(lua_State* state) {
  push_bytes(state, emvcrypto::as_bytes(card_of(state).product));
  return 1;
}

/// A parameter of the task, or nil.
int data_parameter(lua_State* state) {
  const Bytes name = bytes_argument(state, 1);
  const auto& parameters = card_of(state).parameters;
  const auto found = parameters.find(std::string(emvcrypto::as_text(name)));
  if (found == parameters.end())
    lua_pushnil(state);
  else
    push_bytes(state, emvcrypto::as_bytes(found->second));
  return 1;
}

}  // namespace

void push_data(lua_State* state) {
  lua_newtable(state);
  const luaL_Reg functions[] = {{"applications", data_applications},
                                {"application", data_application},
                                {"field", data_field},
                                {"script", data_script},
                                {"record", data_record},
                                {"product", data_product},
                                {"parameter", data_parameter},
                                {nullptr, nullptr}};
  luaL_setfuncs(state, functions, 0);
}

}  // namespace kpd::script
