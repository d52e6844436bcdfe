#include "kpd/pcsc/deadline_worker.h"

#include <condition_variable>
#include <mutex>

namespace kpd {

struct DeadlineWorker::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> job;  ///< empty: none waits or runs
  bool stop = false;

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return stop || job; });
      if (stop) return;
      const std::function<void()> present = job;
      lock.unlock();
      present();
      lock.lock();
      job = nullptr;
      changed.notify_all();
    }
  }
};

DeadlineWorker::DeadlineWorker()
    : state_(std::make_shared<State>()), thread_([state = state_] { state->serve(); }) {}

DeadlineWorker::~DeadlineWorker() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stop = true;
  }
  state_->changed.notify_all();
  if (stuck_)
    thread_.detach();
  else
    thread_.join();
}

bool DeadlineWorker::run(std::function<void()> job, std::chrono::milliseconds deadline) {
  if (stuck_) return false;
  std::unique_lock lock(state_->mutex);
  state_->job = std::move(job);
  state_->changed.notify_all();
  stuck_ = !state_->changed.wait_for(lock, deadline, [this] { return !state_->job; });
  return !stuck_;
}

}  // namespace kpd
