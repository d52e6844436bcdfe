#include "kpd/commands/bench_report.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "kpd/parallel/workers.h"

namespace kpd {
namespace {

using nlohmann::ordered_json;

/// "AMD EPYC", as the system names it.
std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  return "unknown";
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

std::string path_name(emvcrypto::FactoryPath path) {
  for (const auto& [known, name] : emvcrypto::kFactoryPaths)
    if (path == known ||
        (path == emvcrypto::FactoryPath::automatic && emvcrypto::factory_has(known)))
      return name;
  return "unknown";
}

ordered_json rates(const std::map<unsigned, BenchRate>& rates) {
  ordered_json json = ordered_json::object();
  for (const auto& [workers, rate] : rates)
    json[std::to_string(workers)] = {{"cards_a_second", rate.cards_a_second},
                                     {"cpu_us_a_card", rate.cpu_us_a_card}};
  return json;
}

ordered_json to_json(const BenchResult& result) {
  ordered_json stages = ordered_json::array();
  for (const BenchStage& stage : result.stages)
    stages.push_back({{"stage", stage.name},
                      {"us_a_card", stage.us_a_card},
                      {"own_us_a_card", stage.own_us},
                      {"calls_a_card", stage.calls_a_card}});
  ordered_json memory = ordered_json::array();
  for (const auto& [cards, bytes] : result.peak_memory)
    memory.push_back(
        {{"cards", cards}, {"peak_bytes", bytes}, {"seconds", result.seconds.at(cards)}});
  return {{"kind", result.kind},
          {"workers", result.workers},
          {"cards_a_run", result.cards_a_run},
          {"rsa_pairs_a_card", result.rsa_pairs_a_card},
          {"floor", rates(result.floor)},
          {"run", rates(result.run)},
          {"ratio", result.ratio},
          {"own_us_a_card", result.own_us_a_card},
          {"stages", stages},
          {"memory", memory},
          {"left_out_of_floor", result.left_out}};
}

void print(const BenchResult& result) {
  fmt::print("\n{}: {} cards a run, {} RSA pairs a card\n", result.kind, result.cards_a_run,
             result.rsa_pairs_a_card);
  fmt::print("  {:<10}{:>16}{:>16}{:>16}{:>16}\n", "workers", "floor, cards/s", "run, cards/s",
             "floor, CPU us", "run, CPU us");
  for (const auto& [workers, floor] : result.floor) {
    const BenchRate& run = result.run.at(workers);
    fmt::print("  {:<10}{:>16.0f}{:>16.0f}{:>16.1f}{:>16.1f}\n", workers, floor.cards_a_second,
               run.cards_a_second, floor.cpu_us_a_card, run.cpu_us_a_card);
  }
  fmt::print("  whole run over the best floor: {:.3f}\n", result.ratio);
  fmt::print("  {:<10}{:>16}{:>16}{:>16}\n", "stage", "us a card", "own us", "calls a card");
  for (const BenchStage& stage : result.stages)
    fmt::print("  {:<10}{:>16.1f}{:>16.1f}{:>16.2f}\n", stage.name, stage.us_a_card, stage.own_us,
               stage.calls_a_card);
  fmt::print("  {:<10}{:>16}{:>16.1f}\n", "together", "", result.own_us_a_card);
  for (const auto& [cards, bytes] : result.peak_memory)
    fmt::print("  {} cards: peak {:.1f} MiB, {:.1f} s, {:.1f} us a card\n", cards,
               static_cast<double>(bytes) / (1024 * 1024), result.seconds.at(cards),
               1e6 * result.seconds.at(cards) / static_cast<double>(cards));
  for (const std::string& call : result.left_out) fmt::print("  not in the floor: {}\n", call);
}

}  // namespace

void report_bench(const std::vector<BenchResult>& results, emvcrypto::FactoryPath path, bool json) {
  if (json) {
    ordered_json all = ordered_json::array();
    for (const BenchResult& result : results) all.push_back(to_json(result));
    std::cout << ordered_json{{"machine",
                               {{"processor", processor_name()},
                                {"processors", usual_workers()},
                                {"load", load_average()},
                                {"key_factory", path_name(path)}}},
                              {"results", all}}
                     .dump(2)
              << "\n";
    return;
  }
  fmt::print("{}, {} processors, load {:.1f}, key factory: {}\n", processor_name(), usual_workers(),
             load_average(), path_name(path));
  for (const BenchResult& result : results) print(result);
}

}  // namespace kpd
