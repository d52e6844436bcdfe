#include "kpd/stages/chunk_line.h"

#include <tbb/parallel_pipeline.h>

#include <memory>

#include "kpd/parallel/workers.h"

namespace kpd {

void run_chunks(unsigned workers, const ChunkWork& line) {
  using Item = std::shared_ptr<Chunk>;
  const auto read = [&](tbb::flow_control& control) -> Item {
    auto chunk = std::make_shared<Chunk>();
    line.read(*chunk);
    if (chunk->read == 0) control.stop();
    return chunk;
  };
  const auto work = [&](const Item& chunk) {
    line.work(*chunk);
    return chunk;
  };
  const auto write = [&](const Item& chunk) { line.write(*chunk); };
  with_workers(workers, [&] {
    tbb::parallel_pipeline(
        std::size_t{kChunksAWorker} * workers,
        tbb::make_filter<void, Item>(tbb::filter_mode::serial_in_order, read) &
            tbb::make_filter<Item, Item>(tbb::filter_mode::parallel, work) &
            tbb::make_filter<Item, void>(tbb::filter_mode::serial_in_order, write));
  });
}

}  // namespace kpd
