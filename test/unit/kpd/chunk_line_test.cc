#include "kpd/stages/chunk_line.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

using kpd::Chunk;
using kpd::ChunkWork;

namespace {

/// A line over so many chunks of one record each; a chunk's first card carries its number.
struct Line {
  explicit Line(std::uint64_t chunks) : chunks_(chunks) {}

  ChunkWork work(const std::function<void(std::uint64_t)>& middle) {
    return {[this](Chunk& chunk) {
              if (made == chunks_) return;
              most = std::max(most, made - written.size() + 1);
              chunk.read = 1;
              chunk.cards.emplace_back().set_ordinal(made++);
            },
            [middle](Chunk& chunk) { middle(chunk.cards.front().ordinal()); },
            [this](Chunk& chunk) { written.push_back(chunk.cards.front().ordinal()); }};
  }

  std::atomic<std::uint64_t> made = 0;
  std::vector<std::uint64_t> written;
  std::uint64_t most = 0;  ///< chunks that were under way at a time

 private:
  std::uint64_t chunks_;
};

void wait_a_moment(std::uint64_t number) {
  std::this_thread::sleep_for(std::chrono::microseconds(number % 7 * 300));
}

}  // namespace

TEST_CASE("chunks are written in the order in which they were read, by any number of workers") {
  for (const unsigned workers : {1U, 2U, 5U}) {
    Line line(200);
    kpd::run_chunks(workers, line.work(wait_a_moment));
    REQUIRE(line.written.size() == 200);
    CHECK(std::is_sorted(line.written.begin(), line.written.end()));
    CHECK(line.most <= kpd::kChunksAWorker * workers);
  }
}

TEST_CASE("workers work at the same time") {
  Line line(8);
  std::atomic<int> waiting = 0;
  kpd::run_chunks(2, line.work([&](std::uint64_t number) {
    if (number > 1) return;
    ++waiting;  // both must be here before either goes on
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (waiting < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  }));
  CHECK(waiting == 2);
}

TEST_CASE("an empty batch is no chunk") {
  Line line(0);
  kpd::run_chunks(3, line.work([](std::uint64_t) { FAIL("there is nothing to work on"); }));
  CHECK(line.written.empty());
}

TEST_CASE("what fails anywhere ends the line, and nothing behind it is written") {
  Line line(100);
  CHECK_THROWS_AS(kpd::run_chunks(2, line.work([](std::uint64_t number) {
                    wait_a_moment(number);
                    if (number == 20) throw std::domain_error("worker");
                  })),
                  std::domain_error);
  CHECK(line.written.size() <= 20);
  CHECK(line.made < 100);

  Line second(100);
  ChunkWork broken = second.work([](std::uint64_t) {});
  broken.write = [&](Chunk&) { throw std::range_error("writer"); };
  CHECK_THROWS_AS(kpd::run_chunks(2, broken), std::range_error);

  Line third(100);
  ChunkWork cut = third.work([](std::uint64_t) {});
  cut.read = [&](Chunk& chunk) {
    chunk.read = 1;
    if (third.made++ == 10) throw std::length_error("reader");
    chunk.cards.emplace_back().set_ordinal(third.made - 1);
  };
  CHECK_THROWS_AS(kpd::run_chunks(2, cut), std::length_error);
  CHECK(third.written.size() <= 10);
}
