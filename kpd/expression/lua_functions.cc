#include "kpd/expression/lua_functions.h"

#include <algorithm>
#include <cstdlib>

#include "kpd/expression/expression.h"
#include "kpd/expression/functions.h"
#include "kpd/expression/lua_arena.h"
#include "kpd/expression/lua_library.h"
#include "kpd/source/text_decoder.h"

namespace kpd {
namespace {

using expression::LuaRun;

constexpr int kStepsPerCount = 100;  ///< instructions between two looks at the steps
const char kFunctions = 0;           ///< its address: where the registry has the script's functions

void count_steps(lua_State* state, lua_Debug*) {
  expression::charge(state, kStepsPerCount);
}

/// A message of Lua, "functions:3: a text", by its parts.
struct Message {
  int line = 0;
  std::string text;

  explicit Message(std::string_view whole) : text(whole) {
    constexpr std::string_view kPlace = "functions:";
    const std::size_t end = whole.find(": ");
    if (!whole.starts_with(kPlace) || end == whole.npos) return;
    line = std::atoi(std::string(whole.substr(kPlace.size())).c_str());
    text = whole.substr(end + 2);
  }
};

/// What loading gives and takes, across lua_pcall().
struct Loading {
  std::string_view script;
  std::vector<LuaFunctions::Function> functions;
};

/// What one call gives and takes.
struct Calling {
  std::size_t function;
  std::span<const std::string> arguments;
  std::string result;
  bool is_text = false;
};

/// Names and parameters of the globals that are functions; the table of globals is on the top. The
/// functions go into the registry, in the same order.
std::vector<LuaFunctions::Function> list_functions(lua_State* state) {
  std::vector<LuaFunctions::Function> found;
  const int globals = lua_gettop(state);
  lua_pushnil(state);
  while (lua_next(state, globals) != 0) {
    const bool by_name = lua_type(state, -2) == LUA_TSTRING;
    if (by_name && is_expression_name(lua_tostring(state, -2)) && lua_isfunction(state, -1) != 0 &&
        lua_iscfunction(state, -1) == 0) {
      lua_Debug info{};
      lua_pushvalue(state, -1);
      lua_getinfo(state, ">u", &info);
      found.push_back({lua_tostring(state, -2), info.nparams, info.isvararg != 0});
    }
    lua_pop(state, 1);
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  lua_createtable(state, static_cast<int>(found.size()), 0);
  for (std::size_t i = 0; i < found.size(); ++i) {
    lua_pushlstring(state, found[i].name.data(), found[i].name.size());
    lua_rawget(state, globals);
    lua_rawseti(state, -2, static_cast<lua_Integer>(i) + 1);
  }
  lua_rawsetp(state, LUA_REGISTRYINDEX, &kFunctions);
  return found;
}

/// lua_CFunction: makes the environment, runs the script in it.
int run_script(lua_State* state) {
  auto& loading = *static_cast<Loading*>(lua_touserdata(state, 1));
  expression::open_library(state);
  const int globals = lua_gettop(state), environment = globals - 1;
  if (luaL_loadbufferx(state, loading.script.data(), loading.script.size(), "=functions", "t") !=
      LUA_OK)
    return lua_error(state);
  lua_pushvalue(state, environment);
  if (lua_setupvalue(state, -2, 1) == nullptr) lua_pop(state, 1);  // a script without globals
  lua_call(state, 0, 0);
  lua_settop(state, globals);
  loading.functions = list_functions(state);
  return 0;
}

/// lua_CFunction: calls one of the script's functions.
int run_function(lua_State* state) {
  auto& calling = *static_cast<Calling*>(lua_touserdata(state, 1));
  luaL_checkstack(state, static_cast<int>(calling.arguments.size()) + 4, nullptr);
  lua_rawgetp(state, LUA_REGISTRYINDEX, &kFunctions);
  lua_rawgeti(state, -1, static_cast<lua_Integer>(calling.function) + 1);
  for (const std::string& argument : calling.arguments)
    lua_pushlstring(state, argument.data(), argument.size());
  lua_call(state, static_cast<int>(calling.arguments.size()), 1);
  calling.is_text = lua_type(state, -1) == LUA_TSTRING;
  if (!calling.is_text) return 0;
  std::size_t size = 0;
  const char* text = lua_tolstring(state, -1, &size);
  calling.result.assign(text, std::min(size, Expression::kMaxResult + 1));
  return 0;
}

}  // namespace

/// A state in its arena. It is never closed: nothing in it outlives the arena.
class LuaFunctions::Sandbox {
 public:
  explicit Sandbox(std::string_view script) : script_(script) {
    arena_.allow(kLoadMemory);
    run_.steps = kLoadSteps;
    state_ = lua_newstate(expression::LuaArena::allocate, &arena_);
    lua_gc(state_, LUA_GCSTOP);
    expression::set_run(state_, run_);
    lua_sethook(state_, count_steps, LUA_MASKCOUNT, kStepsPerCount);
  }

  tl::expected<std::vector<Function>, ScriptMistake> load() {
    Loading loading{script_, {}};
    if (const int status = protect(run_script, &loading); status != LUA_OK)
      return tl::unexpected(ScriptMistake{reason_of(status, true), run_.line});
    run_.loading = false;
    lua_settop(state_, 0);
    arena_.save();
    return std::move(loading.functions);
  }

  emvcrypto::Expected<std::string> call(std::size_t function,
                                        std::span<const std::string> arguments) {
    arena_.restore();
    arena_.allow(kCallMemory);
    run_.steps = kCallSteps;
    run_.line = 0;
    Calling calling{function, arguments, {}, false};
    if (const int status = protect(run_function, &calling); status != LUA_OK)
      return fail(reason_of(status, false));
    if (!calling.is_text) return fail("it gives something else than a text");
    if (calling.result.size() > Expression::kMaxResult) return fail("the text is too long");
    if (!is_utf8(calling.result)) return fail("it gives a text that is not UTF-8");
    return std::move(calling.result);
  }

 private:
  int protect(lua_CFunction function, void* argument) {
    run_.reason.clear();
    lua_pushcfunction(state_, expression::note_line);
    lua_pushcfunction(state_, function);
    lua_pushlightuserdata(state_, argument);
    return lua_pcall(state_, 1, 0, 1);
  }

  tl::unexpected<emvcrypto::Fault> fail(std::string reason) const {
    if (run_.line > 0) reason += ", line " + std::to_string(run_.line) + " of the functions";
    return emvcrypto::fault("expression", std::move(reason));
  }

  /// Why a run ended. Lua's own messages may quote values, so they are for loading alone; what a
  /// script says by error() is told when it stands in the script.
  std::string reason_of(int status, bool loading) {
    if (!run_.reason.empty()) return run_.reason;
    if (status == LUA_ERRMEM || status < 0) return "it takes too much memory";
    if (lua_type(state_, -1) != LUA_TSTRING) return "it fails";
    std::size_t size = 0;
    const char* text = lua_tolstring(state_, -1, &size);
    const Message message({text, size});
    if (run_.line == 0) run_.line = message.line;  // a syntax error
    return loading || stands_in_script(message.text) ? message.text : "it fails";
  }

  /// Whether a text is a literal of the script.
  bool stands_in_script(const std::string& text) const {
    return !text.empty() && (script_.find("'" + text + "'") != script_.npos ||
                             script_.find('"' + text + '"') != script_.npos);
  }

  std::string script_;
  expression::LuaArena arena_{kLoadMemory + kCallMemory};
  LuaRun run_;
  lua_State* state_ = nullptr;
};

LuaFunctions::LuaFunctions(std::string_view script, std::unique_ptr<Sandbox> sandbox,
                           std::vector<Function> functions)
    : script_(script), functions_(std::move(functions)) {
  idle_.push_back(std::move(sandbox));
}

LuaFunctions::~LuaFunctions() = default;

tl::expected<std::shared_ptr<LuaFunctions>, ScriptMistake> LuaFunctions::load(
    std::string_view script) {
  if (script.size() > kMaxScript) return tl::unexpected(ScriptMistake{"the script is too long"});
  auto sandbox = std::make_unique<Sandbox>(script);
  auto functions = sandbox->load();
  if (!functions) return tl::unexpected(functions.error());
  for (const Function& function : *functions)
    if (expression::find_function(function.name) != nullptr)
      return tl::unexpected(
          ScriptMistake{"'" + function.name + "' is a function of the expressions themselves"});
  return std::shared_ptr<LuaFunctions>(
      new LuaFunctions(script, std::move(sandbox), std::move(*functions)));
}

std::optional<std::size_t> LuaFunctions::find(std::string_view name) const {
  for (std::size_t i = 0; i < functions_.size(); ++i)
    if (functions_[i].name == name) return i;
  return std::nullopt;
}

std::unique_ptr<LuaFunctions::Sandbox> LuaFunctions::borrow() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      auto sandbox = std::move(idle_.back());
      idle_.pop_back();
      return sandbox;
    }
  }
  auto sandbox = std::make_unique<Sandbox>(script_);
  if (!sandbox->load()) throw std::bad_alloc();  // it loaded before: memory is all that can lack
  return sandbox;
}

emvcrypto::Expected<std::string> LuaFunctions::call(std::size_t function,
                                                    std::span<const std::string> arguments) {
  auto sandbox = borrow();
  auto result = sandbox->call(function, arguments);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(sandbox));
  return result;
}

}  // namespace kpd
