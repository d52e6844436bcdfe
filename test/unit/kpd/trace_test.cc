// Sessions recorded from a card, replayed in its place, and shown.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "kpd/exit_code.h"
#include "kpd/files/resources.h"
#include "kpd/script/script_driver.h"
#include "kpd/trace/trace_recorder.h"
#include "kpd/trace/trace_view.h"
#include "test/unit/cps/load_fixture.h"
#include "test/unit/support/temp_folder.h"

using namespace kpd;
using Catch::Matchers::Contains;
using cps::test::LoadFixture;

namespace {

constexpr const char* kPan = "4761739001010010";

struct TraceFixture : LoadFixture {
  using LoadFixture::LoadFixture;
  std::map<std::string, std::string> parameters;
  Script script = read_script(resource_folder() / "templates/scripts/cps.lua");

  cps::LoadResult run(cps::Card& on, cps::KeyService& with) {
    ScriptMachine machine(script);
    cps::NullLoadObserver observer;
    const ScriptCard context{record, {}, "R-1", "", on.atr(), parameters, {}};
    return cps::drive(run_script(machine, context, options, with, observer), on,
                      std::chrono::milliseconds(1000));
  }

  Trace recorded() {
    Trace trace;
    TraceRecorder recorder(trace);
    RecordedCard on(card, recorder);
    RecordedKeys with(keys, recorder);
    trace.head.script = script.name;
    trace.head.record_id = "R-1";
    trace.end = end_of(run(on, with));
    return trace;
  }

  /// The difference from the trace, when the script runs again by keys that would draw another
  /// challenge.
  std::optional<TraceDifference> replayed(const Trace& trace) {
    keys.host_challenge = cps::Bytes(8, 0xEE);
    TraceReplay replay(trace);
    ReplayedCard on(replay, trace.head.atr);
    ReplayedKeys with(keys, replay);
    run(on, with);
    replay.finish();
    return replay.difference();
  }
};

Trace through_a_file(const Trace& trace) {
  const kpd_test::TempFolder folder;
  const auto file = folder.path() / "session.jsonl";
  std::ofstream out(file);
  write_trace(trace, out);
  out.close();
  return read_trace(file);
}

}  // namespace

TEST_CASE("a recorded session replays to the last byte, under every security level") {
  TraceFixture f(GENERATE(0x00, 0x01, 0x03));
  const Trace trace = through_a_file(f.recorded());
  REQUIRE(trace.end->outcome == "done");
  REQUIRE(trace.steps.size() == f.card.apdus + 2);  // two challenges
  const auto difference = f.replayed(trace);
  if (difference) FAIL(TraceView(trace).text(*difference));
}

TEST_CASE("a replay says where a script has become another one") {
  TraceFixture f;
  const Trace trace = f.recorded();
  f.script.text.replace(f.script.text.find("channel.open{"), 13, "channel.open{version = 9, ");
  const auto difference = f.replayed(trace);
  REQUIRE(difference);
  CHECK(difference->step == 3);
  const std::string text = TraceView(trace).text(*difference);
  CHECK_THAT(text, Contains("80500000  INITIALIZE UPDATE") &&
                       Contains("INITIALIZE UPDATE  80500900") && Contains("they part at P1"));

  f.script.text = "function personalise() card.select(hex '0102030405') end";
  const auto shorter = f.replayed(trace);
  REQUIRE(shorter);
  CHECK(shorter->step == 2);
  CHECK_FALSE(shorter->replayed);

  f.script.text = "function personalise() card.reset('cold') end";
  CHECK(f.replayed(trace)->step == 1);
}

TEST_CASE("a trace shows no PAN, wherever commands cut it") {
  TraceFixture f(0x01);
  cps::Dgi& dgi = f.record.applications[1].dgis[1];
  REQUIRE(dgi.id == 0x0102);
  // At every place of the first command's end.
  const std::size_t at = 225 + static_cast<std::size_t>(GENERATE(range(0, 14)));
  const cps::Bytes pan = emvcrypto::concat({cps::Bytes{0x5A, 0x08}, emvcrypto::from_hex(kPan)});
  std::copy(pan.begin(), pan.end(), dgi.value.begin() + static_cast<std::ptrdiff_t>(at));
  const cps::Bytes track = emvcrypto::concat(
      {cps::Bytes{0x57, 0x11}, emvcrypto::from_hex(std::string(kPan) + "D4912201123987654F")});
  std::copy(track.begin(), track.end(), dgi.value.begin() + 400);
  f.sign();
  const Trace trace = f.recorded();
  REQUIRE(trace.end->outcome == "done");
  std::string text = TraceView(trace).text() + TraceView(trace).json().dump();
  CHECK_THAT(text, Contains("STORE DATA") && !Contains("987654"));
  // Without what stands between commands.
  std::string joined;
  const auto json = TraceView(trace).json();
  for (const auto& step : json["steps"])
    if (step["name"] == "STORE DATA") joined += step["data"].get<std::string>();
  CHECK_THAT(joined, !Contains(kPan) && Contains("476173******0010"));
}

TEST_CASE("a stripped trace has no data and cannot be replayed") {
  TraceFixture f(0x00);
  Trace trace = f.recorded();
  strip(trace);
  std::ostringstream out;
  write_trace(trace, out);
  CHECK_THAT(out.str(), !Contains("challenge") && !Contains("71717171") && !Contains("R-1"));
  const Trace again = through_a_file(trace);
  CHECK(again.head.stripped);
  CHECK_THAT(TraceView(again).text(), Contains("80E20000  STORE DATA  <"));
}

TEST_CASE("what is no trace is told with its line") {
  const kpd_test::TempFolder folder;
  const auto file = folder.path() / "session.jsonl";
  const auto message = [&](const std::string& text) {
    std::ofstream(file) << text;
    try {
      read_trace(file);
    } catch (const Failure& failure) {
      return std::string(failure.what());
    }
    return std::string();
  };
  CHECK_THAT(message(""), Contains("empty"));
  CHECK_THAT(message("{}\n"), Contains("line 1") && Contains("no trace"));
  TraceFixture f;
  std::ostringstream out;
  write_trace(f.recorded(), out);
  CHECK_THAT(message(out.str() + "{\"at\": 1, \"command\": \"0\"}\n"), Contains("not hexadecimal"));
}
