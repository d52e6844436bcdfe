#include <rapidcheck/catch.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>

#include "kpd/exit_code.h"
#include "kpd/machine/flow.h"
#include "test/unit/kpd/machine_lines.h"

using namespace kpd_test;
using kpd::Flow;
using kpd::LineKind;
using kpd::MachineModel;
using kpd::Milliseconds;
using kpd::ModuleKind;
using kpd::run_flow;

namespace {

constexpr LineKind kLines[] = {LineKind::synchronous, LineKind::asynchronous, LineKind::single};

Milliseconds sum(const std::vector<Milliseconds>& times) {
  return std::accumulate(times.begin(), times.end(), Milliseconds(0));
}

}  // namespace

TEST_CASE("one module works off its cards one after the other") {
  for (const LineKind line : kLines) {
    const auto model = machine(line, 0, {module("a", ModuleKind::printer, 4000)});
    const Flow flow = run_flow(model, batch(10));
    CHECK(flow.span == Milliseconds(40'000));
    CHECK(flow.cards_an_hour() == Approx(900));
    CHECK(flow.steady.value() == Approx(900));
    CHECK(sum(flow.modules[0].busy) == flow.span);
    const auto moving = machine(line, 1000, {module("a", ModuleKind::printer, 4000)});
    CHECK(run_flow(moving, batch(10)).span == Milliseconds(50'000));
  }
}

TEST_CASE("a card stays in its module until the next one is free") {
  const auto model = machine(
      LineKind::asynchronous, 0,
      {module("fast", ModuleKind::printer, 2000), module("slow", ModuleKind::printer, 5000)});
  const Flow flow = run_flow(model, batch(10));
  CHECK(flow.span == Milliseconds(2000 + 10 * 5000));
  CHECK(flow.modules[0].blocked == Milliseconds(9 * 3000));
  CHECK(flow.modules[1].blocked == Milliseconds(0));
  CHECK(flow.steady.value() == Approx(720));
}

TEST_CASE("with one card in the machine at a time all times add up") {
  const auto model =
      machine(LineKind::single, 500,
              {module("a", ModuleKind::printer, 2000), module("b", ModuleKind::printer, 5000)});
  CHECK(run_flow(model, batch(10)).span == Milliseconds(10 * 8000));
}

TEST_CASE("stations work side by side") {
  for (const LineKind line : {LineKind::synchronous, LineKind::asynchronous})
    for (const unsigned stations : {1U, 2U, 3U, 5U}) {
      const auto model = machine(line, 1000, {smart("chips", 1000, stations)});
      const Flow flow = run_flow(model, batch(300, 10'000));
      CHECK(flow.steady.value() == Approx(300.0 * stations));  // (10 + 1 + 1) s a station
      CHECK(flow.modules[0].busy.size() == stations);
      for (const Milliseconds busy : flow.modules[0].busy)
        CHECK(busy == Milliseconds(300 * 11'000) / stations);
    }
  const auto two = machine(LineKind::asynchronous, 0, {smart("a", 0, 2, 50), smart("b", 0, 2, 50)});
  CHECK(run_flow(two, batch(300, 10'000)).steady.value() == Approx(1440));
}

TEST_CASE("a host that all stations share is the limit however many they are") {
  const auto model = machine(LineKind::asynchronous, 0, {smart("chips", 0, 6)});
  kpd::Batch question = batch(600, 6000);
  question.host = Milliseconds(3000);
  const Flow flow = run_flow(model, question);
  CHECK(flow.steady.value() == Approx(1200));
  CHECK(flow.host_busy == Milliseconds(600 * 3000));
  CHECK(flow.modules[0].host_wait > Milliseconds(0));
  CHECK(kpd::bottleneck_of(model, question, flow).module.empty());
}

TEST_CASE("a card that failed passes every later module untouched") {
  const auto model = machine(
      LineKind::asynchronous, 1000,
      {module("feeder", ModuleKind::feeder, 1000), module("embosser", ModuleKind::embosser, 2000),
       smart("chips", 0, 2), module("print", ModuleKind::printer, 3000),
       module("mark", ModuleKind::reject_mark, 500), module("stacker", ModuleKind::stacker, 100)});
  kpd::Batch question = batch(20, 9000, 1);
  question.failures["embosser"] = 1;
  const Flow flow = run_flow(model, question);
  CHECK(flow.good == 0);
  CHECK(flow.rejected == 20);
  CHECK(flow.modules[1].failed == 20);
  for (const std::size_t later : {2U, 3U}) {
    CHECK(flow.modules[later].untouched == 20);
    CHECK(sum(flow.modules[later].busy) == Milliseconds(0));
    CHECK(flow.modules[later].moving == Milliseconds(20 * 1000));
  }
  CHECK(flow.modules[4].worked == 20);
  CHECK(flow.modules[5].worked == 20);

  question.failures = {{"embosser", 0.25}, {"chips", 0.1}};
  question.cards = 2000;
  const Flow some = run_flow(model, question);
  CHECK(some.fed == some.good + some.rejected);
  CHECK(some.rejected == some.modules[1].failed + some.modules[2].failed);
  CHECK(some.modules[1].failed == Approx(500).margin(80));
  CHECK(some.modules[2].untouched == some.modules[1].failed);
  CHECK(some.modules[4].worked == some.rejected);
  CHECK(run_flow(model, question).span == some.span);
  question.seed = 2;
  CHECK(run_flow(model, question).rejected != some.rejected);
}

TEST_CASE("no module fails a card that it does not touch, nor one that cannot") {
  const auto model = machine(LineKind::asynchronous, 0,
                             {module("embosser", ModuleKind::embosser, 2000), smart("chips", 0, 2),
                              module("stacker", ModuleKind::stacker, 100)});
  kpd::Batch question = batch(50);
  question.failures = {{"embosser", 1}, {"chips", 1}};
  CHECK(run_flow(model, question).good == 50);
  for (const char* name : {"stacker", "nobody"}) {
    question.failures = {{name, 0.5}};
    CHECK_THROWS_AS(run_flow(model, question), kpd::Failure);
  }
}

TEST_CASE("cards of several types come in turns by their shares") {
  const auto model = machine(LineKind::asynchronous, 0, {smart("chips", 0, 1)});
  kpd::Batch question = batch(400, 4000);
  question.types = {{Milliseconds(4000), 0, 3}, {Milliseconds(8000), 0, 1}};
  CHECK(run_flow(model, question).span == Milliseconds(100 * (3 * 4000 + 8000)));
}

TEST_CASE("a conveyor waits for the slowest card at each step, free modules do not") {
  std::vector modules{smart("chips", 0, 1), module("between", ModuleKind::printer, 0),
                      module("embosser", ModuleKind::embosser, 0)};
  modules[2].per_character = Milliseconds(100);
  kpd::Batch question = batch(100);
  // Of one card the chip is slow, of the next the embosser; a step has always one of them in it.
  question.types = {{Milliseconds(6000), 10, 1}, {Milliseconds(1000), 60, 1}};
  const Flow together = run_flow(machine(LineKind::synchronous, 0, modules), question);
  const Flow each = run_flow(machine(LineKind::asynchronous, 0, modules), question);
  CHECK(together.steady.value() == Approx(600));
  CHECK(each.steady.value() == Approx(2 * 3600 / 7.0).epsilon(0.02));
  question.types.pop_back();
  const Flow same_together = run_flow(machine(LineKind::synchronous, 0, modules), question);
  const Flow same_each = run_flow(machine(LineKind::asynchronous, 0, modules), question);
  CHECK(same_together.steady.value() == Approx(same_each.steady.value()));
}

TEST_CASE("whatever the machine, its books balance and no module is outrun") {
  rc::prop("any line, any batch", [] {
    const auto ms = [] { return *rc::gen::inRange(0, 9000); };
    std::vector<kpd::MachineModule> modules{module("feeder", ModuleKind::feeder, ms())};
    const int more = *rc::gen::inRange(0, 4);
    for (int i = 0; i < more; ++i)
      modules.push_back(module(i % 2 == 0 ? "x" : "y",
                               i % 2 == 0 ? ModuleKind::embosser : ModuleKind::printer, ms()));
    modules.push_back(smart("chips", ms(), *rc::gen::inRange(1U, 8U)));
    modules.push_back(module("stacker", ModuleKind::stacker, ms()));
    const LineKind line =
        *rc::gen::element(LineKind::synchronous, LineKind::asynchronous, LineKind::single);
    const MachineModel model = machine(line, *rc::gen::inRange(0, 2000), modules);
    kpd::Batch question = batch(*rc::gen::inRange<std::uint64_t>(1, 200), ms(), 1);
    question.types.push_back({Milliseconds(ms()), 0, *rc::gen::inRange<std::uint64_t>(1, 4)});
    question.failures["chips"] = *rc::gen::element(0.0, 0.1, 1.0);
    question.host = Milliseconds(*rc::gen::element(0, 1000));
    question.seed = *rc::gen::arbitrary<std::uint64_t>();

    const Flow flow = run_flow(model, question);
    RC_ASSERT(flow.fed == question.cards);
    RC_ASSERT(flow.fed == flow.good + flow.rejected);
    for (std::size_t i = 0; i < modules.size(); ++i) {
      const kpd::ModuleUse& use = flow.modules[i];
      RC_ASSERT(use.worked + use.untouched == flow.fed);
      RC_ASSERT((sum(use.busy) + use.moving) <= flow.span * model.modules[i].stations);
      RC_ASSERT(use.blocked >= Milliseconds(0));
    }
    RC_ASSERT(flow.host_busy <= flow.span);
  });
}

TEST_CASE("more stations never make a line slower") {
  rc::prop("free modules: the batch; a conveyor: while it is full", [] {
    const auto ms = [] { return *rc::gen::inRange(100, 9000); };
    const int handling = ms(), chip = ms(), emboss = ms(), transport = ms() / 10;
    const auto model = [&](LineKind line, unsigned stations) {
      return machine(
          line, transport,
          {smart("chips", handling, stations), module("embosser", ModuleKind::embosser, emboss)});
    };
    kpd::Batch mixed = batch(100, chip, 1);
    mixed.types.push_back({Milliseconds(ms()), 0, 1});
    mixed.failures["chips"] = 0.1;
    const kpd::Batch same = batch(400, chip, 1);
    for (unsigned stations = 1; stations < 6; ++stations) {
      const auto span = [&](unsigned n) {
        return run_flow(model(LineKind::asynchronous, n), mixed).span;
      };
      RC_ASSERT(span(stations + 1) <= span(stations));
      RC_ASSERT(run_flow(model(LineKind::synchronous, stations), mixed).span >= span(stations));
      const auto steady = [&](unsigned n) {
        return run_flow(model(LineKind::synchronous, n), same).steady.value();
      };
      // What a window of whole turns may be off by: less than a hundredth.
      RC_ASSERT(steady(stations + 1) >= 0.99 * steady(stations));
    }
  });
}
