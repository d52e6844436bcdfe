#include "kpd/bench/floor.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <exception>
#include <mutex>
#include <thread>

#include "emvcrypto/aead.h"

namespace kpd {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// The factory as it is alone: seeded by the system.
emvcrypto::KeyFactory bare_factory(emvcrypto::FactoryPath path) {
  return emvcrypto::KeyFactory(
      [](emvcrypto::MutableBytes out) {
        std::ranges::copy(emvcrypto::system_random(out.size()), out.begin());
      },
      path);
}

}  // namespace

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

BenchRate play_floor(const FloorWork& work, unsigned workers, double seconds,
                     emvcrypto::FactoryPath path) {
  std::atomic<unsigned> ready = 0;
  std::mutex mutex;  // of what follows
  std::exception_ptr failed;
  double rate = 0, played = 0;
  const auto play = [&] {
    try {
      hsm::CallScript::Player player(work.calls);
      auto factory = bare_factory(path);
      for (const auto& [shape, count] : work.pairs) factory.make(shape, 8);  // once a shape
      ++ready;
      while (ready < workers) std::this_thread::yield();
      const auto start = Clock::now();
      double cards = 0, passed = 0;
      for (; passed < seconds; passed = seconds_since(start)) {
        player.play();
        for (const auto& [shape, count] : work.pairs) factory.make(shape, count);
        cards += static_cast<double>(work.cards);
      }
      const std::lock_guard lock(mutex);
      rate += cards / passed;
      played += cards;
    } catch (...) {
      ++ready;
      const std::lock_guard lock(mutex);
      failed = std::current_exception();
    }
  };
  const double cpu = cpu_seconds();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < workers; ++i) threads.emplace_back(play);
  }
  if (failed) std::rethrow_exception(failed);
  return {rate, played == 0 ? 0 : 1e6 * (cpu_seconds() - cpu) / played};
}

}  // namespace kpd
