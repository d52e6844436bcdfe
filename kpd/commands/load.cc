// kpd load: personalise chips through PC/SC.
#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/commands/command.h"
#include "kpd/commands/readers.h"
#include "kpd/commands/script_arguments.h"
#include "kpd/station/load_station.h"

namespace kpd {
namespace {

struct LoadArguments {
  std::string file, area = "area.yaml", log;
  ReaderArguments readers;
  std::uint64_t first = 1, count = 0, each_product = 0;
  unsigned wait = 60;
  bool one_dgi = false;
  ScriptArguments scripts;
};

nlohmann::ordered_json to_json(const StationResult& r) {
  return {{"index", r.index + 1},
          {"record", r.record_id},
          {"product", r.product},
          {"reader", r.reader},
          {"outcome", cps::outcome_name(r.result.outcome)},
          {"aid", emvcrypto::to_hex(r.result.aid)},
          {"command", r.result.command},
          {"status", fmt::format("{:04X}", r.result.status)},
          {"detail", r.result.detail},
          {"apdus", r.result.apdus},
          {"store_data", r.result.store_data},
          {"warnings", r.result.warnings}};
}

/// A card's line is in the log, or the run ends: what is not written cannot be accounted for.
void write_log(std::ofstream& log, const std::string& name, const StationResult& result) {
  log << to_json(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
      << std::endl;
  if (!log) throw Failure(ExitCode::io, name + ": the log cannot be written any more");
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
  options.script_log = say;

  std::ofstream log;
  if (!arguments.log.empty()) {
    log.open(arguments.log, std::ios::app);
    if (!log) throw Failure(ExitCode::io, arguments.log + ": the log cannot be written");
  }
  StationTotals totals;
  std::uint64_t apdus = 0;
  {
    ProgressLine progress("loading");
    std::uint64_t seen = 0;
    totals = load_cards(arguments.file, selection, area.open(kPersonaliser, *pins), options,
                        [&](const StationResult& result) {
                          apdus += result.result.apdus;
                          if (log.is_open()) write_log(log, arguments.log, result);
                          if (result.result.outcome != cps::LoadOutcome::done)
                            say(fmt::format("record {} ({}): {}", result.record_id, result.product,
                                            cps::describe(result.result)));
                          progress.show(Books{++seen, seen, 0});
                        });
  }
  if (invocation.json)
    std::cout << nlohmann::ordered_json{{"loaded", totals.loaded},
                                        {"failed", totals.failed},
                                        {"untouched", totals.untouched},
                                        {"apdus", apdus},
                                        {"stopped", totals.stopped_because},
                                        {"host_windows", totals.windows}}
                     .dump(2)
              << "\n";
  else
    say(fmt::format("{} loaded, {} failed, {} untouched, {} APDUs", totals.loaded, totals.failed,
                    totals.untouched, apdus));
  for (const std::string& reader : totals.idle_readers)
    say("no card came in time in reader " + reader);
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
  command->add_option("--wait", arguments->wait, "Seconds to wait for the next card")
      ->capture_default_str();
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
