// kpd load: personalise chips through PC/SC.
#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/commands/command.h"
#include "kpd/commands/live_screen.h"
#include "kpd/commands/readers.h"
#include "kpd/commands/script_arguments.h"
#include "kpd/commands/station_log.h"
#include "kpd/commands/stop_signal.h"
#include "kpd/station/live_view.h"
#include "kpd/station/load_station.h"

namespace kpd {
namespace {

struct LoadArguments {
  std::string file, area = "area.yaml", log;
  ReaderArguments readers;
  std::uint64_t first = 1, count = 0, each_product = 0;
  unsigned wait = 60;
  unsigned chips = 1;
  bool one_dgi = false;
  std::vector<std::string> remake;
  ScriptArguments scripts;
};

/// failed, doubt, all or record ids. What would be made twice wholesale is for tests.
Remake remake_of(const std::vector<std::string>& words, const Area& area) {
  Remake remake;
  for (const std::string& word : words) {
    if (word == "failed")
      remake.failed = true;
    else if (word == "doubt")
      remake.doubt = true;
    else if (word == "all")
      remake.all = true;
    else
      remake.records.insert(word);
  }
  if (remake.all && !area.test())
    throw Failure(ExitCode::usage,
                  "--remake all makes finished cards a second time, which is for test areas: name "
                  "the records that are to be made again");
  return remake;
}

/// Where the stations' time went, in seconds, all of them together.
nlohmann::ordered_json seconds_of(const StationBoard& board) {
  const StationTimes times = sum_of(board.now());
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  return {{"chip", seconds(times.chip)},
          {"device", seconds(times.device)},
          {"host", seconds(times.host)},
          {"waiting", seconds(times.waiting)}};
}

void say_totals(const StationTotals& totals, std::uint64_t apdus) {
  say(fmt::format("{} loaded, {} failed{}, {} untouched, {} APDUs", totals.loaded, totals.failed,
                  totals.doubt > 0 ? fmt::format(" ({} of them in doubt)", totals.doubt) : "",
                  totals.untouched, apdus));
  if (totals.before > 0)
    say(
        fmt::format("{} passed over: made or touched before (kpd books show FILE; to make some "
                    "again: --remake)",
                    totals.before));
  if (totals.doubt > 0)
    say("a card in doubt may be whole: put its chip into a reader and load again, which asks it; "
        "or "
        "destroy it, then --remake doubt");
}

ExitCode exit_of(const StationTotals& totals) {
  if (!totals.stopped_because.empty()) return ExitCode::hold;
  return totals.failed > 0 ? ExitCode::hold : ExitCode::done;
}

ExitCode load(const LoadArguments& arguments, const Invocation& invocation) {
  CardSelection selection;
  selection.first = arguments.first - 1;
  if (arguments.count > 0) selection.count = arguments.count;
  if (arguments.each_product > 0) selection.per_product = arguments.each_product;
  Area area = Area::read(arguments.area);
  const auto pins = make_pin_source(invocation);
  StationOptions options;
  options.slots = arguments.readers.chosen();
  options.conveyor = arguments.readers.conveyor;
  options.card_seconds = arguments.wait;
  options.load.profile.one_dgi_per_command = arguments.one_dgi;
  options.windows = area.windows();
  options.key_roles = area.key_roles();
  options.scripts = arguments.scripts.read();
  options.parameters = arguments.scripts.parameters();
  options.books = area.books();
  options.remake = remake_of(arguments.remake, area);
  options.retry.chips = arguments.chips;
  const StopSignal stop;
  options.stop_wanted = StopSignal::came;

  StationLog log(arguments.log);
  StationTotals totals;
  std::uint64_t apdus = 0;
  StationBoard board;
  {
    const auto start = std::chrono::steady_clock::now();
    LiveScreen screen([&](std::size_t width) {
      return live_lines({"loading", board.now(), 0, start, std::chrono::steady_clock::now()},
                        width);
    });
    options.script_log = [&](const std::string& line) { screen.say(line); };
    totals = load_cards(arguments.file, selection, area.open(kPersonaliser, *pins), options, board,
                        [&](const StationResult& result) {
                          apdus += result.result.apdus;
                          log.write(result);
                          if (result.result.outcome != cps::LoadOutcome::done)
                            screen.say(describe(result));
                        });
  }
  if (invocation.json)
    std::cout << nlohmann::ordered_json{{"loaded", totals.loaded},
                                        {"failed", totals.failed},
                                        {"doubt", totals.doubt},
                                        {"before", totals.before},
                                        {"untouched", totals.untouched},
                                        {"apdus", apdus},
                                        {"stopped", totals.stopped_because},
                                        {"seconds", seconds_of(board)},
                                        {"host_windows", totals.windows}}
                     .dump(2)
              << "\n";
  else
    say_totals(totals, apdus);
  for (const std::string& reader : totals.idle_readers)
    say("no card came in time in reader " + reader);
  for (const std::string& reader : totals.gone_readers) say("gone: " + reader);
  for (const std::string& window : totals.windows)
    if (!invocation.json) say("host window, " + window);
  if (!totals.stopped_because.empty()) say("stopped: " + totals.stopped_because);
  return exit_of(totals);
}

}  // namespace

void add_load(CLI::App& app, Invocation& invocation) {
  auto arguments = std::make_shared<LoadArguments>();
  CLI::App* command =
      app.add_subcommand("load", "Personalise chips in PC/SC readers from a card file");
  command->add_option("FILE", arguments->file, "Card file")->required();
  command->add_option("--area", arguments->area, "Work area with the personaliser's token")
      ->capture_default_str();
  arguments->readers.add_to(*command);
  command->add_option("--first", arguments->first, "First record, counted from 1")
      ->check(CLI::PositiveNumber);
  command->add_option("--count", arguments->count, "How many records");
  command->add_option("--each-product", arguments->each_product, "At most so many of each product");
  command
      ->add_option("--wait", arguments->wait,
                   "Seconds to wait for the next card, and for a reader that went away")
      ->capture_default_str();
  command
      ->add_option("--chips-a-card", arguments->chips,
                   "Chips that a card may meet when one refuses it; one in doubt meets no other")
      ->capture_default_str()
      ->check(CLI::Range(1, 10));
  command->add_option("--remake", arguments->remake,
                      "Make cards again: 'failed', 'doubt' (their chips destroyed), record ids; "
                      "'all' in test areas");
  command->add_flag("--one-dgi", arguments->one_dgi, "These cards take one DGI a command");
  arguments->scripts.add_to(*command);
  command->add_option("--log", arguments->log, "Append one JSON line a card to this file");
  add_pin_option(*command, invocation);
  add_json_option(*command, invocation);
  command->footer(
      "Example:  kpd load demo/out/batch.cps --area demo/area.yaml --each-product 1\n"
      "Ends with 65 when a card failed or the stations were stopped.");
  command->callback([arguments, &invocation] {
    invocation.action = [arguments, &invocation] { return load(*arguments, invocation); };
  });
}

}  // namespace kpd
