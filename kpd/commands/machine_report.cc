#include "kpd/commands/machine_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>
#include <numeric>

namespace kpd {
namespace {

using nlohmann::ordered_json;

double seconds_of(Milliseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// Part of the time that all stations together have; 0..1.
double part_of(Milliseconds time, const Flow& flow, std::size_t stations = 1) {
  const double whole = seconds_of(flow.span) * static_cast<double>(stations);
  return whole == 0 ? 0 : seconds_of(time) / whole;
}

Milliseconds all_of(const std::vector<Milliseconds>& times) {
  return std::accumulate(times.begin(), times.end(), Milliseconds(0));
}

/// "smart (chip)", "host".
std::string told(const Bottleneck& bottleneck) {
  return bottleneck.module.empty()
             ? "host"
             : fmt::format("{} ({})", bottleneck.module, name_of(bottleneck.sink));
}

/// "2 h 1 min 13 s"
std::string duration_text(Milliseconds time) {
  const auto whole = std::chrono::round<std::chrono::seconds>(time).count();
  constexpr int kMinute = 60, kHour = 3600;
  if (whole >= kHour)
    return fmt::format("{} h {} min {} s", whole / kHour, whole % kHour / kMinute, whole % kMinute);
  return fmt::format("{} min {} s", whole / kMinute, whole % kMinute);
}

/// What a module's seconds are made of.
std::string work_text(const MachineModule& module) {
  const std::string own = seconds_text(module.work) + " s";
  switch (module.kind) {
    case ModuleKind::embosser:
      return fmt::format("{} and {} s a character; flat cards pass", own,
                         seconds_text(module.per_character));
    case ModuleKind::smart:
      return module.chip_percent == 100
                 ? own + " and the chip's time; cards without a chip pass"
                 : fmt::format("{} and {} % of the chip's time; cards without a chip pass", own,
                               module.chip_percent);
    case ModuleKind::reject_mark:
      return own + ", failed cards alone";
    case ModuleKind::stacker:
      return own + ", failed cards too";
    default:
      return own;
  }
}

const char* line_text(LineKind line) {
  switch (line) {
    case LineKind::synchronous:
      return "all cards move at once, when the slowest module is done";
    case LineKind::asynchronous:
      return "each module passes its card on as soon as the next has room";
    case LineKind::single:
      return "one card in the whole machine at a time";
  }
  return "";
}

ordered_json to_json(const Bottleneck& bottleneck) {
  return {{"module", bottleneck.module.empty() ? ordered_json() : ordered_json(bottleneck.module)},
          {"of", name_of(bottleneck.sink)},
          {"load", bottleneck.load}};
}

ordered_json question_json(const Batch& batch) {
  ordered_json types = ordered_json::array();
  for (const CardType& type : batch.types)
    types.push_back({{"chip_seconds", seconds_of(type.chip)},
                     {"characters", type.characters},
                     {"share", type.share}});
  ordered_json failures = ordered_json::object();
  for (const auto& [module, rate] : batch.failures) failures[module] = rate;
  return {{"cards", batch.cards},
          {"types", types},
          {"host_seconds", seconds_of(batch.host)},
          {"failures", failures},
          {"seed", batch.seed}};
}

ordered_json module_json(const MachineModule& module, const ModuleUse& use, const Flow& flow) {
  ordered_json stations = ordered_json::array();
  for (const Milliseconds busy : use.busy) stations.push_back(part_of(busy, flow));
  return {{"name", module.name},
          {"kind", name_of(module.kind)},
          {"stations", module.stations},
          {"busy", part_of(all_of(use.busy), flow, module.stations)},
          {"busy_by_station", stations},
          {"moving", part_of(use.moving, flow, module.stations)},
          {"blocked", part_of(use.blocked, flow, module.stations)},
          {"host_wait", part_of(use.host_wait, flow, module.stations)},
          {"worked", use.worked},
          {"untouched", use.untouched},
          {"failed", use.failed}};
}

ordered_json answer_json(const MachineModel& machine, const Batch& batch, const WhatIf& answer) {
  const Flow& flow = answer.flow;
  ordered_json modules = ordered_json::array(), rows = ordered_json::array();
  for (std::size_t i = 0; i < machine.modules.size(); ++i)
    modules.push_back(module_json(machine.modules[i], flow.modules[i], flow));
  for (const StationRow& row : answer.stations)
    rows.push_back({{"stations", row.stations},
                    {"cards_an_hour", row.cards_an_hour},
                    {"steady_cards_an_hour", row.steady},
                    {"bottleneck", to_json(row.bottleneck)}});
  return {{"machine", machine.title},
          {"line", name_of(machine.line)},
          {"question", question_json(batch)},
          {"fed", flow.fed},
          {"good", flow.good},
          {"rejected", flow.rejected},
          {"trays", {{machine.good_tray, flow.good}, {machine.reject_tray, flow.rejected}}},
          {"seconds", seconds_of(flow.span)},
          {"cards_an_hour", flow.cards_an_hour()},
          {"steady_cards_an_hour", flow.steady ? ordered_json(*flow.steady) : ordered_json()},
          {"bottleneck", to_json(answer.bottleneck)},
          {"modules", modules},
          {"host_busy", part_of(flow.host_busy, flow)},
          {"by_stations", rows}};
}

void print_modules(const MachineModel& machine, const Flow& flow) {
  constexpr double kPercent = 100;
  fmt::print("\n  {:<16}{:<13}{:>8}{:>8}{:>9}{:>9}{:>11}{:>8}\n", "module", "kind", "places",
             "busy", "blocked", "worked", "untouched", "failed");
  for (std::size_t i = 0; i < machine.modules.size(); ++i) {
    const MachineModule& module = machine.modules[i];
    const ModuleUse& use = flow.modules[i];
    fmt::print("  {:<16}{:<13}{:>8}{:>7.1f}%{:>8.1f}%{:>9}{:>11}{:>8}\n", module.name,
               name_of(module.kind), module.stations,
               kPercent * part_of(all_of(use.busy), flow, module.stations),
               kPercent * part_of(use.blocked, flow, module.stations), use.worked, use.untouched,
               use.failed);
  }
  if (flow.host_busy.count() != 0)
    fmt::print("  {:<16}{:<13}{:>8}{:>7.1f}%\n", "host", "", 1,
               kPercent * part_of(flow.host_busy, flow));
}

}  // namespace

void show_machine(const MachineModel& machine) {
  std::string picture = "hopper";
  std::size_t width = 0;
  for (const MachineModule& module : machine.modules) {
    picture += " -> [" + module.name;
    if (module.kind == ModuleKind::smart) picture += fmt::format(" x{}", module.stations);
    picture += "]";
    width = std::max(width, module.name.size());
  }
  fmt::print("{}\n\n  {} -+-> {}\n  {:>{}} +-> {}\n\n", machine.title, picture, machine.good_tray,
             "", picture.size() + 1, machine.reject_tray);
  fmt::print("  {}: {}; {} s into each module\n\n", name_of(machine.line), line_text(machine.line),
             seconds_text(machine.transport));
  for (const MachineModule& module : machine.modules) {
    fmt::print("  {:<{}}  {:<11}  {}", module.name, width, name_of(module.kind), work_text(module));
    if (module.kind == ModuleKind::smart)
      fmt::print("; {} of {} stations", module.stations, module.most_stations);
    fmt::print("\n");
  }
}

void report_what_if(const MachineModel& machine, const Batch& batch, const WhatIf& answer,
                    bool json) {
  const Flow& flow = answer.flow;
  if (json) {
    std::cout << answer_json(machine, batch, answer).dump(2) << "\n";
    return;
  }
  fmt::print("{}: {} cards in {}\n", machine.title, flow.fed, duration_text(flow.span));
  for (const CardType& type : batch.types)
    fmt::print("  {}chip {} s, {} characters\n",
               batch.types.size() == 1 ? "" : fmt::format("{} x: ", type.share),
               seconds_text(type.chip), type.characters);
  fmt::print("  cards an hour: {:.1f} over the whole batch", flow.cards_an_hour());
  if (flow.steady) fmt::print(", {:.1f} while the line is full", *flow.steady);
  fmt::print("\n  bottleneck: {}\n  trays: {} {}, {} {}\n", told(answer.bottleneck),
             machine.good_tray, flow.good, machine.reject_tray, flow.rejected);
  print_modules(machine, flow);
  if (answer.stations.empty()) return;
  fmt::print("\n  {:>8}{:>16}  {}\n", "stations", "cards an hour", "bottleneck");
  for (const StationRow& row : answer.stations)
    fmt::print("  {:>8}{:>16.1f}  {}\n", row.stations, row.steady, told(row.bottleneck));
}

}  // namespace kpd
