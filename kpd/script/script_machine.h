/// A script on its way through one card after the other, as a resumable machine: answer in, next
/// request out.
#pragma once

#include <memory>
#include <optional>

#include "kpd/script/script.h"
#include "kpd/script/script_card.h"

namespace kpd {

/// How a script ended.
struct ScriptEnd {
  bool good = false;       ///< personalise() came to its end
  bool by_script = false;  ///< not good, because the script says so: fail()
  bool by_record = false;  ///< not good, because the record is not what it should be
  std::string reason;      ///< when not good, with the script's line
};

/// A Lua state of its own, so that stations do not wait for each other. Scripts reach no file, no
/// net and no clock; steps and memory of a card are bounded, and each card begins with the memory
/// as it was when the script had been loaded: no card leaves anything to the next. One thread at a
/// time.
class ScriptMachine {
 public:
  static constexpr std::int64_t kLoadSteps = 2'000'000;
  static constexpr std::int64_t kCardSteps = 5'000'000;
  static constexpr std::size_t kLoadMemory = std::size_t{4} * 1024 * 1024;   ///< bytes
  static constexpr std::size_t kCardMemory = std::size_t{16} * 1024 * 1024;  ///< of one card, more

  /// Runs the script once, which must define the function `personalise`. Throws Failure(usage) with
  /// its name and line.
  explicit ScriptMachine(Script script);
  ~ScriptMachine();

  const std::string& name() const;

  /// Another card. `card` must live until the script ended or another begins.
  void begin(const ScriptCard& card);

  /// Runs to the next request; nothing when the script ended. The answer belongs to the request
  /// before; the first call of a card needs none.
  std::optional<ScriptRequest> resume(ScriptAnswer answer = {});

  /// How it ended, after resume() gave nothing.
  const ScriptEnd& end() const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace kpd
