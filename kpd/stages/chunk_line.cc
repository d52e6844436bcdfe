#include "kpd/stages/chunk_line.h"

#include <tbb/parallel_pipeline.h>

#include <atomic>
#include <exception>
#include <memory>
#include <mutex>

#include "kpd/parallel/workers.h"

namespace kpd {
namespace {

/// The first exception of a line. Once there is one, nothing more is done. oneTBB loses the chunk
/// that a filter has in hand when it throws, so none of ours does.
class FirstFailure {
 public:
  template <typename Work>
  void guard(const Work& work) {
    if (failed_) return;
    try {
      work();
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
  }
  bool failed() const { return failed_; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void run_chunks(unsigned workers, const ChunkWork& line) {
  using Item = std::shared_ptr<Chunk>;
  FirstFailure failure;
  const auto read = [&](tbb::flow_control& control) {
    auto chunk = std::make_shared<Chunk>();
    failure.guard([&] { line.read(*chunk); });
    if (failure.failed() || chunk->read == 0) control.stop();
    return chunk;
  };
  const auto work = [&](const Item& chunk) {
    failure.guard([&] { line.work(*chunk); });
    return chunk;
  };
  const auto write = [&](const Item& chunk) { failure.guard([&] { line.write(*chunk); }); };
  with_workers(workers, [&] {
    tbb::parallel_pipeline(
        std::size_t{kChunksAWorker} * workers,
        tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, read) &
            tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, work) &
            tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, write));
  });
  failure.rethrow();
}

}  // namespace kpd
