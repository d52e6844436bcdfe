/// Functions of a job's own, written in Lua, for what expressions do not reach.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "emvcrypto/fault.h"

namespace kpd {

/// What is wrong with a script, in words of its author's, and its line (from 1; 0: none).
struct ScriptMistake {
  std::string text;
  int line = 0;
};

/// One script file and its global functions. Texts go in and a text comes out; nothing else does: a
/// script reaches no file, no clock, no other code, and each call starts from the memory as it was
/// when the script had been loaded, so that no record can leave anything to the next. Steps and
/// memory are bounded (docs/expressions.md). Thread-safe: calls at the same time run in sandboxes
/// of their own.
class LuaFunctions {
 public:
  static constexpr std::size_t kMaxScript = 256 * 1024;                     ///< bytes
  static constexpr std::int64_t kLoadSteps = 2'000'000;                     ///< to run the script
  static constexpr std::int64_t kCallSteps = 200'000;                       ///< of one call
  static constexpr std::size_t kLoadMemory = std::size_t{4} * 1024 * 1024;  ///< bytes
  static constexpr std::size_t kCallMemory = std::size_t{2} * 1024 * 1024;  ///< of one call, more

  /// A function and the texts that it takes.
  struct Function {
    std::string name;
    std::size_t parameters = 0;
    bool more = false;  ///< and any number behind them
  };

  /// Runs the script once. Its global functions are what expressions can call.
  static tl::expected<std::shared_ptr<LuaFunctions>, ScriptMistake> load(std::string_view script);
  ~LuaFunctions();

  /// By name, in alphabetical order.
  std::span<const Function> functions() const { return functions_; }
  /// Index of a function.
  std::optional<std::size_t> find(std::string_view name) const;

  /// The text that a function gives. Fault "expression": an error, too many steps, too much memory,
  /// something else than a text in UTF-8. The reason names the script's line, never a value.
  emvcrypto::Expected<std::string> call(std::size_t function,
                                        std::span<const std::string> arguments);

 private:
  class Sandbox;
  LuaFunctions(std::string_view script, std::unique_ptr<Sandbox> sandbox,
               std::vector<Function> functions);
  std::unique_ptr<Sandbox> borrow();

  const std::string script_;
  std::vector<Function> functions_;
  std::mutex mutex_;                            ///< of what follows
  std::vector<std::unique_ptr<Sandbox>> idle_;  ///< as many as there were calls at one time
};

}  // namespace kpd
