/// Chunks on their way past several workers: read in order, worked on at the same time, written in
/// order.
#pragma once

#include <functional>

#include "kpd/stages/chunk.h"

namespace kpd {

/// What is done with each chunk of a batch. What one of them throws ends the line: chunks that have
/// not been written by then are dropped, and run_chunks() throws it.
struct ChunkWork {
  /// Fills the next chunk; a chunk that read nothing is the end. One call at a time, in order.
  std::function<void(Chunk&)> read;
  /// Any number of chunks at a time.
  std::function<void(Chunk&)> work;
  /// One call at a time, in the order in which they were read.
  std::function<void(Chunk&)> write;
};

/// Calls them until the end, with `workers` (1 or more) chunks in work at a time. At most
/// kChunksAWorker chunks a worker exist, whatever the length of the batch.
void run_chunks(unsigned workers, const ChunkWork& line);

inline constexpr unsigned kChunksAWorker = 2;

}  // namespace kpd
