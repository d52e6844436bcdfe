#include <fmt/format.h>

#include <fstream>
#include <iterator>

#include "kpd/expression/lua_functions.h"
#include "kpd/plan/compile.h"

namespace kpd {

void PlanBuilder::compile_functions(const YamlNode& file) {
  std::ifstream in(resolve(file.text()), std::ios::binary);
  std::string script(LuaFunctions::kMaxScript + 1, '\0');
  in.read(script.data(), static_cast<std::streamsize>(script.size()));
  if (!in.is_open() || in.bad())
    file.fail(fmt::format("{} cannot be read", resolve(file.text()).string()));
  plan.files.push_back(resolve(file.text()).string());
  script.resize(static_cast<std::size_t>(in.gcount()));
  auto loaded = LuaFunctions::load(script);
  if (!loaded) {
    ScriptMistake& wrong = loaded.error();
    Mistake mistake = file.mistake(wrong.text, {}, "functions");
    mistake.place = {resolve(file.text()).string(), wrong.line, wrong.line > 0 ? 1 : 0};
    throw ConfigError(std::vector{mistake});
  }
  functions = std::move(*loaded);
  canonical += fmt::format("functions {}\n{}\n", script.size(), script);
}

}  // namespace kpd
