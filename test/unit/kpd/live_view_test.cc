#include "kpd/station/live_view.h"

#include <catch2/catch.hpp>

using namespace kpd;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;

namespace {

LiveView view_of(StationBoard& board) {
  const auto now = std::chrono::steady_clock::now();
  return {"line-1: batch.cps", board.now(), 100, now - 60s, now};
}

}  // namespace

TEST_CASE("a view has a head and a line a station") {
  StationBoard board;
  const std::size_t first = board.add("Reader 00"), second = board.add("Reader 01");
  board.begin_card(first, "R-17", "CLASSIC");
  cps::LoadEvent event;
  event.command = "STORE DATA 03 (DGI 8000)";
  event.applications = 2;
  event.application = 1;
  event.block = 1;
  event.blocks = 2;
  board.show_step(first, event);
  board.begin_card(second, "R-18", "CLASSIC");
  StationTimes times;
  times.chip = 5s;
  times.device = 1s;
  board.end_card(second, true, times);
  board.set_phase(second, StationPhase::gone);

  const auto lines = live_lines(view_of(board), 200);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], Contains("1 of 100 cards good") && Contains("60 an hour") &&
                           Contains("bottleneck: chip"));
  CHECK_THAT(lines[1], Contains("[#########...]") && Contains("record R-17") &&
                           Contains("STORE DATA 03 (DGI 8000)"));
  CHECK_THAT(lines[2], Contains("1 good") && Contains("READER GONE"));
}

TEST_CASE("no line is longer than the terminal, and none moves its cursor") {
  StationBoard board;
  const std::size_t station = board.add("Reader\x1B[2J with a long name that does not end");
  board.begin_card(station, std::string(300, 'R'), "P");
  for (const std::string& line : live_lines(view_of(board), 60)) {
    CHECK(line.size() <= 60);
    CHECK(line.find('\x1B') == std::string::npos);
  }
}

TEST_CASE("the bottleneck is what most time goes into") {
  StationTimes times;
  CHECK(bottleneck_of(times) == Bottleneck::unknown);
  times.waiting = 2s;
  CHECK(bottleneck_of(times) == Bottleneck::reader);
  times.device = 3s;
  CHECK(bottleneck_of(times) == Bottleneck::device);
  times.host = 4s;
  CHECK(bottleneck_of(times) == Bottleneck::host);
}
