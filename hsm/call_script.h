/// What the device alone costs: the calls that a piece of work made of it, to be made again without
/// the work.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "hsm/token.h"

namespace hsm {

/// How long the calls of this thread take while one lives; one at a time.
class CallTime {
 public:
  CallTime();
  ~CallTime();
  CallTime(const CallTime&) = delete;
  CallTime& operator=(const CallTime&) = delete;

  std::chrono::nanoseconds inside{0};
  std::size_t calls = 0;
};

/// Calls in their order, with the same keys, attributes and lengths. What they work on is kept as
/// its length alone, so that a script holds no secret: a device takes as long for other bytes.
class CallScript {
 public:
  struct State;

  /// The calls that this thread makes of an open token while `work` runs. Those that fail are left
  /// out. Throws SetupError when no token of this label is open.
  static CallScript record(Module& module, const std::string& token_label,
                           const std::function<void()>& work);

  /// How many it holds.
  std::size_t calls() const;
  /// Names of calls that were made and cannot be made again (a value under a tag, for one); they
  /// are missing from what the script costs.
  const std::vector<std::string>& left_out() const;

  /// One thread that makes the calls, in a session of its own. Throws Error when one fails.
  class Player {
   public:
    explicit Player(const CallScript& script);
    ~Player();
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;
    void play();

   private:
    struct State;
    std::unique_ptr<State> state_;
  };

 private:
  explicit CallScript(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace hsm
