#include "kpd/parallel/workers.h"

#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/task_arena.h>

namespace kpd {

unsigned usual_workers() {
  return static_cast<unsigned>(tbb::info::default_concurrency());
}

void with_workers(unsigned workers, const std::function<void()>& work) {
  const tbb::global_control threads(tbb::global_control::max_allowed_parallelism, workers);
  tbb::task_arena arena(static_cast<int>(workers));
  arena.execute(work);
}

}  // namespace kpd
