#include "kpd/script/script_machine.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/expression/lua_arena.h"
#include "kpd/script/script_run.h"

namespace kpd {
namespace {

using script::CardRun;

constexpr int kStepsPerCount = 100;  ///< instructions between two looks at the steps
constexpr const char* kEntry = "personalise";
const char kEntryKey = 0;  ///< its address: where the registry has the script's function

void count_steps(lua_State* state, lua_Debug*) {
  expression::charge(state, kStepsPerCount);
}

/// lua_CFunction: makes the environment, runs the script in it, keeps its function.
int load_script(lua_State* state) {
  const auto& script = *static_cast<const Script*>(lua_touserdata(state, 1));
  expression::open_library(state);
  const int globals = lua_gettop(state), environment = globals - 1;
  script::push_card(state);
  lua_setfield(state, globals, "card");
  script::push_channel(state);
  lua_setfield(state, globals, "channel");
  script::push_data(state);
  lua_setfield(state, globals, "data");
  script::push_hsm(state);
  lua_setfield(state, globals, "hsm");
  script::add_functions(state, globals);
  if (luaL_loadbufferx(state, script.text.data(), script.text.size(), "=script", "t") != LUA_OK)
    return lua_error(state);
  lua_pushvalue(state, environment);
  if (lua_setupvalue(state, -2, 1) == nullptr) lua_pop(state, 1);  // a script without globals
  lua_call(state, 0, 0);
  lua_getfield(state, globals, kEntry);
  if (lua_isfunction(state, -1) == 0)
    return luaL_error(state, "the script has no function '%s'", kEntry);
  lua_rawsetp(state, LUA_REGISTRYINDEX, &kEntryKey);
  return 0;
}

/// The line of the script where a thread stands; 0 when it stands in none.
int line_of(lua_State* thread) {
  lua_Debug info{};
  for (int level = 0; lua_getstack(thread, level, &info) != 0; ++level) {
    lua_getinfo(thread, "l", &info);
    if (info.currentline > 0) return info.currentline;
  }
  return 0;
}

/// The message on the top without the place that Lua put before it.
std::string message_at_top(lua_State* state) {
  if (lua_type(state, -1) != LUA_TSTRING) return "it fails";
  std::string text = lua_tostring(state, -1);
  if (text.starts_with("script:"))
    if (const auto end = text.find(": "); end != text.npos) text.erase(0, end + 2);
  return text;
}

}  // namespace

/// The Lua state in its arena. It is never closed: nothing in it outlives the arena.
class ScriptMachine::State {
 public:
  explicit State(Script script) : script_(std::move(script)) {
    arena_.allow(kLoadMemory);
    run_.steps = kLoadSteps;
    state_ = lua_newstate(expression::LuaArena::allocate, &arena_);
    lua_gc(state_, LUA_GCSTOP);
    expression::set_run(state_, run_);
    lua_sethook(state_, count_steps, LUA_MASKCOUNT, kStepsPerCount);
    load();
    arena_.save();
  }

  void begin(const ScriptCard& card) {
    arena_.restore();
    arena_.allow(kCardMemory);
    run_ = CardRun();
    run_.loading = false;
    run_.steps = kCardSteps;
    run_.card = &card;
    run_.atr = card.atr;
    end_ = {};
    thread_ = lua_newthread(state_);
    lua_rawgetp(thread_, LUA_REGISTRYINDEX, &kEntryKey);
  }

  std::optional<ScriptRequest> resume(ScriptAnswer answer) {
    run_.answer = std::move(answer);
    run_.request.reset();
    int results = 0;
    const int status = lua_resume(thread_, nullptr, 0, &results);
    if (status == LUA_YIELD && run_.request) {
      lua_pop(thread_, results);
      return std::move(run_.request);
    }
    if (status == LUA_OK)
      end_.good = true;
    else
      end_ = {false, run_.failed_by_script, run_.bad_record, reason_of(thread_, status)};
    return std::nullopt;
  }

  const Script& script() const { return script_; }
  const ScriptEnd& end() const { return end_; }

 private:
  void load() {
    lua_pushcfunction(state_, expression::note_line);
    lua_pushcfunction(state_, load_script);
    lua_pushlightuserdata(state_, &script_);
    const int status = lua_pcall(state_, 1, 0, 1);
    if (status != LUA_OK) {
      std::string reason = run_.reason.empty() ? message_at_top(state_) : run_.reason;
      int line = run_.line;
      if (line == 0 && lua_type(state_, -1) == LUA_TSTRING)  // a syntax error
        line = std::atoi(std::string_view(lua_tostring(state_, -1)).substr(7).data());
      throw Failure(ExitCode::usage,
                    line > 0 ? fmt::format("{}, line {}: {}", script_.name, line, reason)
                             : fmt::format("{}: {}", script_.name, reason));
    }
    lua_settop(state_, 0);
  }

  std::string reason_of(lua_State* thread, int status) const {
    std::string reason = run_.reason;
    if (reason.empty())
      reason = status == LUA_ERRMEM ? "it takes too much memory" : message_at_top(thread);
    const int line = line_of(thread);
    return fmt::format("script {}{}: {}", script_.name,
                       line > 0 ? fmt::format(", line {}", line) : "", reason);
  }

  Script script_;
  expression::LuaArena arena_{kLoadMemory + kCardMemory};
  CardRun run_;
  lua_State* state_ = nullptr;
  lua_State* thread_ = nullptr;
  ScriptEnd end_;
};

ScriptMachine::ScriptMachine(Script script) : state_(std::make_unique<State>(std::move(script))) {}

ScriptMachine::~ScriptMachine() = default;

const std::string& ScriptMachine::name() const {
  return state_->script().name;
}

void ScriptMachine::begin(const ScriptCard& card) {
  state_->begin(card);
}

std::optional<ScriptRequest> ScriptMachine::resume(ScriptAnswer answer) {
  return state_->resume(std::move(answer));
}

const ScriptEnd& ScriptMachine::end() const {
  return state_->end();
}

}  // namespace kpd
