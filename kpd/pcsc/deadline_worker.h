/// Calls that cannot be interrupted, made so that the caller can walk away.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

namespace kpd {

/// One thread that runs one job at a time. A job that outlives its deadline keeps the thread; the
/// worker is then of no more use and its thread ends with the job. Jobs must therefore own what
/// they touch. For one caller's thread.
class DeadlineWorker {
 public:
  DeadlineWorker();
  ~DeadlineWorker();
  DeadlineWorker(const DeadlineWorker&) = delete;
  DeadlineWorker& operator=(const DeadlineWorker&) = delete;

  /// Runs `job`, which must not throw. False when it has not ended within `deadline`, and at once
  /// ever after.
  bool run(std::function<void()> job, std::chrono::milliseconds deadline);

  /// A job outlived its deadline.
  bool stuck() const { return stuck_; }

 private:
  struct State;
  std::shared_ptr<State> state_;
  std::thread thread_;
  bool stuck_ = false;
};

}  // namespace kpd
