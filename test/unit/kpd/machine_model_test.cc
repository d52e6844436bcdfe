#include "kpd/machine/machine_model.h"

#include <catch2/catch.hpp>

#include "kpd/config/mistake.h"
#include "test/unit/kpd/machine_lines.h"
#include "test/unit/support/temp_folder.h"

using Catch::Contains;
using kpd::MachineModel;
using kpd::Milliseconds;
using kpd_test::batch;
using kpd_test::TempFolder;

namespace {

const std::string kHead =
    "kind: machine\ntitle: T\nline: asynchronous\ntransport_seconds: 0.5\n"
    "trays: {good: good, reject: bad}\nmodules:\n";
const std::string kFeeder = "  - {name: in, kind: feeder, seconds: 1}\n";
const std::string kStacker = "  - {name: out, kind: stacker, seconds: 1}\n";

MachineModel read(const std::string& text) {
  const TempFolder folder;
  return kpd::read_machine_model(folder.write("machine.yaml", text));
}

/// What is wrong with the file, line by line; empty: nothing.
std::string mistakes(const std::string& text) {
  try {
    (void)read(text);
  } catch (const kpd::ConfigError& error) {
    return error.what();
  }
  return "";
}

MachineModel shipped(const std::string& name) {
  return kpd::read_machine_model(std::string(KPD_SOURCE_DIR) + "/templates/machines/" + name +
                                 ".yaml");
}

/// Cards an hour while the line is full; the embosser's usual work unless told.
double rate(const std::string& name, int chip, std::uint64_t characters = 40) {
  return kpd::run_flow(shipped(name), batch(1000, chip * 1000, characters)).steady.value();
}

}  // namespace

TEST_CASE("a machine's file is read to the millisecond") {
  const MachineModel model = read(
      kHead + kFeeder + "  - {name: chips, kind: smart, seconds: 1.25, stations: 3}\n" +
      "  - {name: e, kind: embosser, seconds: 0, seconds_per_character: \"0.125\"}\n" + kStacker);
  CHECK(model.transport == Milliseconds(500));
  CHECK(model.line == kpd::LineKind::asynchronous);
  REQUIRE(model.modules.size() == 4);
  CHECK(model.modules[1].work == Milliseconds(1250));
  CHECK(model.modules[1].stations == 3);
  CHECK(model.modules[1].most_stations == 3);
  CHECK(model.modules[1].chip_percent == 100);
  CHECK(model.modules[2].per_character == Milliseconds(125));
  CHECK(model.with_stations(2).modules[1].stations == 2);
  CHECK(model.with_stations(9).modules[1].stations == 3);
  CHECK(model.reject_tray == "bad");
}

TEST_CASE("smart modules share a chip as the file says, or equally") {
  const auto smart = [](const std::string& name, const std::string& more) {
    return "  - {name: " + name + ", kind: smart, seconds: 1, stations: 1" + more + "}\n";
  };
  const auto three =
      read(kHead + kFeeder + smart("a", "") + smart("b", "") + smart("c", "") + kStacker);
  CHECK(three.modules[1].chip_percent == 34);
  CHECK(three.modules[2].chip_percent == 33);
  CHECK(three.modules[3].chip_percent == 33);
  CHECK_THAT(mistakes(kHead + kFeeder + smart("a", ", chip_percent: 60") +
                      smart("b", ", chip_percent: 30") + kStacker),
             Contains("machine.yaml:8:") && Contains("together is 90, not 100"));
}

TEST_CASE("every mistake in a machine's file is told at once, with its place") {
  const std::string told = mistakes(
      "kind: machine\ntitle: T\nline: belt\ntransport_seconds: -1\n"
      "trays: {good: a, reject: a}\ncolour: red\nmodules:\n"
      "  - {name: in, kind: feeder, seconds: 1.2345}\n"
      "  - {name: in, kind: smart, seconds: 1, stations: 0}\n"
      "  - {name: \"two words\", kind: printer, seconds: 1, stations: 2}\n"
      "  - {name: out, kind: stacker, seconds: 3601}\n");
  for (const char* text :
       {":3:7: line: 'belt' is none of", ":4:20: transport_seconds: '-1' is no time",
        "cannot lie in one tray", "unknown key 'colour'", ":8:", "'1.2345' is no time",
        "another module is called 'in'", "modules[2].stations: 0 is not within 1 to 64",
        "'two words' is no name", "unknown key 'stations'", ":11:", "'3601' is no time"})
    CHECK_THAT(told, Contains(text));
}

TEST_CASE("a line starts with its feeder and ends with its stacker") {
  CHECK(mistakes(kHead + kFeeder + kStacker).empty());
  CHECK_THAT(mistakes(kHead + kStacker + kFeeder),
             Contains("the first module must be the feeder") &&
                 Contains("the last module must be the stacker"));
  CHECK_THAT(mistakes(kHead + kFeeder + "  - {name: x, kind: feeder, seconds: 1}\n" + kStacker),
             Contains("a feeder stands at the start"));
  CHECK_THAT(mistakes(kHead + "  []\n"), Contains("a feeder and a stacker at least"));
  // Where a kind is not known nothing is said about the order.
  CHECK_THAT(mistakes(kHead + kFeeder + "  - {name: x, kind: stackr, seconds: 1}\n"),
             Contains("'stackr' is none of") && !Contains("the last module"));
}

TEST_CASE("seconds are read and written without loss") {
  for (const char* text : {"0", "7", "7.5", "0.125", "3600", "10"})
    CHECK(kpd::seconds_text(kpd::parse_seconds(text).value()) == text);
  for (const char* text : {"", ".5", "5.", "1.2345", "-1", "3600.001", "1e3", "7,5", "99999"}) {
    CAPTURE(text);
    CHECK_FALSE(kpd::parse_seconds(text));
  }
}

TEST_CASE("a machine is found by its path or by the name of one that came with the program") {
  CHECK(kpd::find_machine_model("x/y") == "x/y");
  CHECK(kpd::find_machine_model("own.yaml") == "own.yaml");
  CHECK(kpd::read_machine_model(kpd::find_machine_model("desktop-300")).modules.size() == 5);
  CHECK_THROWS_WITH(kpd::find_machine_model("desktop-30"),
                    Contains("did you mean 'desktop-300'?") && Contains("conveyor-500"));
}

TEST_CASE("desktop machines make 70 to 180 chip cards an hour") {
  CHECK(rate("desktop-100", 0) == Approx(100).margin(1));
  CHECK(rate("desktop-100", 15) == Approx(70).margin(2));
  CHECK(rate("desktop-100", 7) == Approx(80).margin(5));
  CHECK(rate("desktop-300", 0) == Approx(300).margin(1));
  CHECK(rate("desktop-300", 7) == Approx(180).margin(2));
  const double slow = rate("desktop-300", 15);
  CHECK(slow >= 120);
  CHECK(slow <= 140);
}

TEST_CASE("conveyors make 500 to 700 cards an hour, and flat ones at most 1,000") {
  for (const int chip : {0, 7, 15}) {
    CHECK(rate("conveyor-500", chip) == Approx(500).margin(1));
    CHECK(rate("conveyor-1000", chip) == Approx(706).margin(2));
    CHECK(rate("conveyor-1000", chip, 0) == Approx(1000).margin(1));
  }
}

TEST_CASE("three or four stations are enough where one application is embossed") {
  for (const char* name : {"conveyor-500", "conveyor-1000"})
    for (const int chip : {7, 10, 15}) {
      const auto answer = kpd::ask_what_if(shipped(name), batch(1000, chip * 1000, 40));
      REQUIRE(answer.stations.size() == 7);
      CHECK(answer.stations[0].bottleneck.sink == kpd::TimeSink::chip);
      for (std::size_t i = 2; i < 7; ++i) {
        CHECK(answer.stations[i].bottleneck.module == "embosser");
        CHECK(answer.stations[i].steady == Approx(answer.stations[2].steady));
      }
    }
  const auto slow = kpd::ask_what_if(shipped("conveyor-500"), batch(1000, 15'000, 40));
  CHECK(slow.stations[1].bottleneck.module == "smart");
  CHECK(slow.stations[1].steady == Approx(407).margin(1));
}
